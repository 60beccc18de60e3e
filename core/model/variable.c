/* A name is letters, digits, '.', '_' and '-': what a property or an environment variable is called
 * too. */
#include "core/model/variable.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define NAME_LEN_MAX 127

static const char *find_in(const struct setting *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].key, name))
			return list[i].value ? list[i].value : "";
	return NULL;
}

const char *variable_find(const struct variables *variables, const char *name)
{
	const char *value = find_in(variables->team, variables->team_count, name);

	return value ? value : find_in(variables->context, variables->context_count, name);
}

static int undefined(const struct variables *variables, const char *name, struct err *err)
{
	size_t count = variables->team_count + variables->context_count;
	const char **names = xcalloc(count + 1, sizeof(*names));

	for (size_t i = 0; i < variables->team_count; i++)
		names[i] = variables->team[i].key;
	for (size_t i = 0; i < variables->context_count; i++)
		names[variables->team_count + i] = variables->context[i].key;
	const char *near = str_suggest(name, names, count);
	free(names);
	if (near)
		return err_set(err, E_CONFIG,
			_("${%s}: neither the team nor the context has this variable; did you mean "
			  "${%s}?"),
			name, near);
	return err_set(err, E_CONFIG,
		_("${%s}: neither the team nor the context has this variable (\"variables:\" in "
		  "team.yaml or of the context; \"$${\" is a plain \"${\")"),
		name);
}

int variables_fill(const struct variables *variables, const char *text, struct buf *out, size_t *at,
	struct err *err)
{
	const char *rest = text, *mark;
	char name[NAME_LEN_MAX + 1];

	while ((mark = strstr(rest, "${"))) {
		bool is_literal = mark > rest && mark[-1] == '$';
		buf_add(out, rest, (size_t)(mark - rest) - is_literal);
		rest = mark + 2;
		if (is_literal) {
			buf_adds(out, "${");
			continue;
		}
		if (at)
			*at = (size_t)(mark - text);
		size_t len = strspn(rest, NAME_LETTERS);
		if (len == 0 || len > NAME_LEN_MAX || rest[len] != '}')
			return err_set(err, E_CONFIG,
				_("\"${\" begins a variable, and no name and '}' follow: write "
				  "\"$${\" for a plain \"${\""));
		memcpy(name, rest, len);
		name[len] = '\0';
		const char *value = variable_find(variables, name);
		if (!value)
			return undefined(variables, name, err);
		buf_adds(out, value);
		rest += len + 1;
	}
	buf_adds(out, rest);
	if (out->overflow)
		return err_set(err, E_CONFIG, _("too long when its variables are filled in"));
	return 0;
}
