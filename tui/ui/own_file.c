#include "tui/ui/own_file.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"

char *own_file_path(const char *env, const char *name)
{
	const char *said = getenv(env);
	char *home, *path;

	if (!str_empty(said))
		return file_expand(said, NULL);
	home = file_xdg("CONFIG");
	path = xasprintf("%s/%s", home, name);
	free(home);
	return path;
}

int own_file_read(const char *path, struct buf *text, struct err *err)
{
	struct err why = {0};
	int rc = file_read(path, text, &why);

	return rc && rc != E_NOTFOUND ? err_set(err, E_CONFIG, "%s", why.text) : rc;
}
