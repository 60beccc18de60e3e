/*
 * A line between weir and a server: a TCP relay on loopback, in a process of its own. It can make the
 * line long (each byte arrives `delay_ms` later, as many as you like under way), and it says when the
 * first byte came out of weir.
 *
 *	struct relay *relay = relay_start(8081, 0);      connect to relay_port(relay)
 *	relay_arm(relay, "POST ");                       the next piece that holds this text …
 *	... relay_seen_ns(relay)                         … came then (now_ns()); 0 = not yet
 *	relay_stop(relay);
 */
#ifndef WEIR_TESTS_BENCH_RELAY_H
#define WEIR_TESTS_BENCH_RELAY_H

#include <stdint.h>

struct relay;

struct relay *relay_start(int target_port, int delay_ms);
void relay_stop(struct relay *relay); /* NULL-safe */
int relay_port(const struct relay *relay);
/* text: in a piece that is sent to the server; NULL = any byte. */
void relay_arm(struct relay *relay, const char *text);
int64_t relay_seen_ns(const struct relay *relay);

#endif
