/*
 * What is known of a host and of the way to it: for `weir doctor`, and whoever has to say why a
 * connection is as it is. Asks nobody: what a connection shows is there after ssh_connect() has
 * ended, well or not.
 *
 *	ssh_connect(ssh, "gw1", on_connected, data);
 *	... ssh_facts(ssh, "gw1", &facts): facts.key_type, facts.way, facts.from_ssh
 */
#ifndef WEIR_NET_SSH_FACTS_H
#define WEIR_NET_SSH_FACTS_H

#include "core/net/ssh.h"

/* What ssh's own configuration said because weir's file is silent. */
enum {
	SSH_FACT_ADDRESS = 1,
	SSH_FACT_USER = 2,
	SSH_FACT_PORT = 4,
	SSH_FACT_KEYS = 8,
	SSH_FACT_JUMP = 16,
};

struct ssh_facts {
	int transport; /* enum ssh_transport */
	/* As they are used; on TRANSPORT_OPENSSH user, port and key are NULL and 0 where ssh's own
	 * configuration decides. */
	const char *address, *user, *key;
	int port;
	const char *jump;                  /* the next host on the way; NULL = reached directly */
	unsigned from_ssh;                 /* SSH_FACT_* */
	bool user_is_named, port_is_named; /* in weir's file */
	const char *const *keys;           /* of ssh's configuration, when there is no `key` */
	size_t key_count;
	const char *known_hosts; /* the file */
	/* Of the last connection; NULL = not seen. */
	const char *peer;                 /* the IP address that answered */
	const char *key_type, *key_print; /* of the host: "ssh-ed25519", "SHA256:…" */
	bool key_is_known, key_is_wrong;  /* wrong: known_hosts has another one, or it is revoked */
	const char *way;                  /* what let us in: "key /home/ops/.ssh/id_ed25519, otp" */
};

/* All borrowed until the next turn of the loop. False: there is no such host. */
bool ssh_facts(struct ssh *ssh, const char *host, struct ssh_facts *out);

/* The version of libssh2: "1.10.0". Static. */
const char *ssh_library(void);
/* Can it sign with an RSA key as today's servers want it (SHA-2)? */
bool ssh_library_has_rsa_sha2(void);

#endif
