#include "tests/support/front.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/testbed.h"

struct front {
	struct testbed *bed;
};

static struct front *front_new(void)
{
	struct front *front = xcalloc(1, sizeof(*front));

	front->bed = testbed_new("tests/testbed/front");
	return front;
}

struct front *front_up(int upstream_port)
{
	struct front *front = front_new();
	char port[16];

	snprintf(port, sizeof(port), "%d", upstream_port);
	if (!testbed_up(front->bed, port))
		return front;
	front_down(front);
	return NULL;
}

struct front *front_certs(void)
{
	struct front *front = front_new();

	if (!testbed_run(front->bed, "certs", NULL, NULL))
		return front;
	front_down(front);
	return NULL;
}

int front_before(struct front *front, int tls_port)
{
	char upstream[32];

	snprintf(upstream, sizeof(upstream), "https:%d", tls_port);
	return testbed_up(front->bed, upstream);
}

void front_down(struct front *front)
{
	if (front)
		testbed_down(front->bed);
	free(front);
}

int front_port(const struct front *front, const char *name)
{
	return testbed_port(front->bed, name);
}

char *front_url(const struct front *front, const char *name, const char *path)
{
	return xasprintf("http%s://localhost:%d/flink/jm1%s", str_eq(name, "plain") ? "" : "s",
		front_port(front, name), path);
}

char *front_proxy(const struct front *front, const char *name)
{
	return xasprintf("http://localhost:%d", front_port(front, name));
}

const char *front_file(struct front *front, const char *name)
{
	return testbed_file(front->bed, name);
}

char *front_log(const struct front *front, const char *name)
{
	return testbed_log(front->bed, name);
}
