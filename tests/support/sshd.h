/*
 * Real OpenSSH servers on loopback, one set for a test program (tests/testbed/sshd), and the hosts
 * of a configuration that lead to them.
 *
 *	struct sshd *servers = sshd_up();
 *	sshd_port(servers, "gw"), sshd_file(servers, "id_ed25519")
 *	sshd_do(servers, "cut", "gw");      its connections are gone
 *	sshd_down(servers);
 */
#ifndef WEIR_TESTS_SUPPORT_SSHD_H
#define WEIR_TESTS_SUPPORT_SSHD_H

#include "core/config/config.h"

#define SSHD_SECRET "let-me-in"
#define SSHD_PASSPHRASE "open sesame"

struct sshd;

struct sshd *sshd_up(void); /* NULL, and why on stderr, when it cannot */
void sshd_down(struct sshd *sshd);
int sshd_port(const struct sshd *sshd, const char *name);
/* Borrowed until sshd_down(). */
const char *sshd_file(struct sshd *sshd, const char *name);
void sshd_do(const struct sshd *sshd, const char *what, const char *name);
/* All of a server's log so far. malloc'd. */
char *sshd_log(const struct sshd *sshd, const char *name);

#endif
