/* Who holds a lease: a process of a boot of a machine, and when it was last heard of. */
#ifndef WEIR_STORE_LEASE_OWNER_H
#define WEIR_STORE_LEASE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

struct owner {
	char host[65];      /* "" = nobody */
	char boot[40];      /* boot id */
	char pid_space[40]; /* a process id means something inside of one only */
	int64_t pid;
	char pid_start[24];   /* tells it from a later process with the same id */
	int64_t beat_boot_ms; /* clock_mono_ms(), which counts sleep and starts with the boot */
	int64_t beat_wall_ms;
};

/* This process, now. Blocking (reads /proc): once is enough. */
void owner_self(struct owner *out);
/* The same, heard of now. */
struct owner owner_now(const struct owner *owner);
/* One process? */
bool owner_is(const struct owner *a, const struct owner *b);
/* Is it gone? self: who asks. */
bool owner_is_gone(const struct owner *owner, const struct owner *self, int64_t stale_ms);

#endif
