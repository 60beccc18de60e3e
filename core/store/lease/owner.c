/*
 * A process on the same boot is looked up in /proc; its start time tells it from another that got
 * its number. Where that cannot be seen (another container, another machine on a shared file
 * system) only the heartbeat speaks: by the boot's clock, which no one sets, or by wall clocks,
 * with twice the time.
 */
#include "core/store/lease/owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/str.h"

/* The first line of a small file; "" when it cannot be read. */
static void read_line(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[len > 0 ? len : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/* Field 22 of /proc/PID/stat, behind the name, which may hold anything; "" = no such process. */
static void process_start(int64_t pid, char *out, size_t size)
{
	char path[48], stat[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	read_line(path, stat, sizeof(stat));
	at = strrchr(stat, ')');
	out[0] = '\0';
	if (!at)
		return;
	/* A zombie has ended: it only waits to be counted. */
	if (strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0)
		return;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at)
		snprintf(out, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
}

struct owner owner_now(const struct owner *owner)
{
	struct owner now = *owner;

	now.beat_boot_ms = clock_mono_ms();
	now.beat_wall_ms = clock_wall_ms();
	return now;
}

void owner_self(struct owner *out)
{
	ssize_t len;

	memset(out, 0, sizeof(*out));
	if (gethostname(out->host, sizeof(out->host) - 1) < 0 || !out->host[0])
		snprintf(out->host, sizeof(out->host), "localhost");
	read_line("/proc/sys/kernel/random/boot_id", out->boot, sizeof(out->boot));
	len = readlink("/proc/self/ns/pid", out->pid_space, sizeof(out->pid_space) - 1);
	out->pid_space[len > 0 ? len : 0] = '\0';
	out->pid = getpid();
	process_start(out->pid, out->pid_start, sizeof(out->pid_start));
	*out = owner_now(out);
}

bool owner_is(const struct owner *a, const struct owner *b)
{
	return a->pid == b->pid && str_eq(a->host, b->host) && str_eq(a->boot, b->boot) &&
		str_eq(a->pid_space, b->pid_space) && str_eq(a->pid_start, b->pid_start);
}

bool owner_is_gone(const struct owner *owner, const struct owner *self, int64_t stale_ms)
{
	if (!owner->host[0])
		return true;
	if (!str_eq(owner->boot, self->boot)) {
		if (str_eq(owner->host, self->host))
			return true; /* this machine was started anew since */
		return self->beat_wall_ms - owner->beat_wall_ms > 2 * stale_ms;
	}
	if (str_eq(owner->pid_space, self->pid_space)) {
		char start[24];

		process_start(owner->pid, start, sizeof(start));
		if (!str_eq(start, owner->pid_start))
			return true;
	}
	return self->beat_boot_ms - owner->beat_boot_ms > stale_ms;
}
