/*
 * A fleet that is not there (tests/bench/fleetd), as a child process; it ends with the test.
 *
 *	struct fleetd *fleetd = fleetd_start((const char *[]){"--jobs", "200", NULL});
 *	free(fleetd_say(fleetd, "change 7 FAILED"));
 *	url = fleetd_url(fleetd, 3, "/overview");      "http://127.1.0.4:40123/overview"
 *	fleetd_stop(fleetd);
 */
#ifndef WEIR_TESTS_SUPPORT_FLEETD_H
#define WEIR_TESTS_SUPPORT_FLEETD_H

#include <stdint.h>
#include <sys/types.h>

struct fleetd;

/*
 * Of a JobManager, in the byte order of the machine: 127.1.0.1 … 127.1.0.250, 127.1.1.1 …: neither 0
 * nor 255, and not what other servers use.
 */
#define FLEETD_LAST 250
static inline uint32_t fleetd_address(int manager)
{
	uint32_t n = (uint32_t)manager, high = n / FLEETD_LAST;

	return 127u << 24 | (1 + high / FLEETD_LAST) << 16 | high % FLEETD_LAST << 8 |
		(1 + n % FLEETD_LAST);
}

/* words: its options, NULL-ended. The program lies beside weir (program_path()). Dies when it cannot. */
struct fleetd *fleetd_start(const char *const *words);
/* And it writes HOME/config.yaml, and the files of its applications below HOME/apps. */
struct fleetd *fleetd_start_at(const char *home, const char *const *words);
void fleetd_stop(struct fleetd *fleetd); /* NULL-safe */
int fleetd_port(const struct fleetd *fleetd);
pid_t fleetd_pid(const struct fleetd *fleetd);
/* One order; all that it says to it, up to its line "ok…" or "error…". malloc'd. */
char *fleetd_say(struct fleetd *fleetd, const char *order);
/* malloc'd. */
char *fleetd_url(const struct fleetd *fleetd, int manager, const char *path);

#endif
