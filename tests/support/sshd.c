#include "tests/support/sshd.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tests/support/testbed.h"

struct sshd {
	struct testbed *bed;
};

struct sshd *sshd_up(void)
{
	struct sshd *sshd = xcalloc(1, sizeof(*sshd));

	sshd->bed = testbed_new("tests/testbed/sshd");
	if (!testbed_up(sshd->bed, NULL))
		return sshd;
	sshd_down(sshd);
	return NULL;
}

void sshd_down(struct sshd *sshd)
{
	if (sshd)
		testbed_down(sshd->bed);
	free(sshd);
}

int sshd_port(const struct sshd *sshd, const char *name)
{
	return testbed_port(sshd->bed, name);
}

const char *sshd_file(struct sshd *sshd, const char *name)
{
	return testbed_file(sshd->bed, name);
}

void sshd_do(const struct sshd *sshd, const char *what, const char *name)
{
	check_int(what, testbed_run(sshd->bed, what, name, NULL), 0);
}

char *sshd_log(const struct sshd *sshd, const char *name)
{
	return testbed_log(sshd->bed, name);
}
