/*
 * The linker takes this definition instead of libc's, for core and for libraries alike. By another name in the source: it
 * is no call of what is banned.
 */
#include "tests/support/names.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"

typedef int lookup_fn(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out);
lookup_fn names_lookup __asm__("getaddrinfo");

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char held[64];
	bool holds;
	int waiting;
} names = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

void names_hold(const char *part)
{
	pthread_mutex_lock(&names.lock);
	snprintf(names.held, sizeof(names.held), "%s", part);
	names.holds = true;
	pthread_mutex_unlock(&names.lock);
}

void names_release(void)
{
	pthread_mutex_lock(&names.lock);
	names.holds = false;
	pthread_cond_broadcast(&names.changed);
	pthread_mutex_unlock(&names.lock);
}

int names_waiting(void)
{
	int waiting;

	pthread_mutex_lock(&names.lock);
	waiting = names.waiting;
	pthread_mutex_unlock(&names.lock);
	return waiting;
}

static void wait_while_held(const char *node)
{
	pthread_mutex_lock(&names.lock);
	if (names.holds && strstr(node, names.held)) {
		names.waiting++;
		while (names.holds && strstr(node, names.held))
			pthread_cond_wait(&names.changed, &names.lock);
		names.waiting--;
	}
	pthread_mutex_unlock(&names.lock);
}

int names_lookup(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	lookup_fn *next;
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

	memcpy(&next, &symbol, sizeof(next));
	wait_while_held(node ? node : "");
	if (node && str_ends(node, ".gone.test"))
		return EAI_NONAME;
	return next(node && str_ends(node, ".here.test") ? "127.0.0.1" : node, service, hints, out);
}
