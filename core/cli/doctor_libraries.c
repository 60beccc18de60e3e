/* The libraries that weir runs with, and what is known of these versions. */
#include <jansson.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/doctor.h"
#include "core/net/http.h"
#include "core/net/ssh_facts.h"
#include "core/store/store.h"

/* "libcurl/7.88.1 OpenSSL/3.0.11 …": of the rest only weir's own protocol counts. */
static void check_curl(struct subject *subject)
{
	const char *curl = http_library(), *slash = strchr(curl, '/');
	size_t len = strcspn(curl, " ");
	bool is_old = slash && str_starts(slash, "/7.");

	len += curl[len] ? 1 + strcspn(curl + len + 1, " ") : 0;
	/* Tried with 7.88.1: it refuses a socket that is connected already. */
	subject_say(subject, "libcurl", FINDING_OK, -1, NULL, "%.*s%s", (int)len, curl,
		is_old ? _(": takes no connected socket, so that clusters behind a host are "
			   "reached by a SOCKS end of weir's own (a Unix socket)")
		       : "");
}

void doctor_libraries(struct doctor *doctor)
{
	struct subject *subject = subject_new(doctor, "libraries", NULL, NULL);
	const struct cli *cli = doctor->gather.cli;
	bool has_rsa = ssh_library_has_rsa_sha2();

	subject_say(subject, "libssh2", FINDING_OK, -1,
		has_rsa ? NULL : _("for an RSA key: transport: openssh on that host"), "%s%s",
		ssh_library(),
		has_rsa ? ""
			: _(": no RSA user keys (rsa-sha2 came with 1.11), which OpenSSH 8.8 and "
			    "later ask for; ed25519 and ecdsa are fine"));
	check_curl(subject);
	subject_say(subject, "sqlite", FINDING_OK, -1, NULL,
		_("%s: write-ahead log (not on a network file system: there one process writes)"),
		store_library());
	subject_say(subject, "jansson", FINDING_OK, -1, NULL,
		_("%s: one bad byte would drop a whole answer; weir repairs answers before it "
		  "reads "
		  "them"),
		jansson_version_str());
	subject_say(subject, "libuv", FINDING_OK, -1, NULL, "%s", loop_library());
	subject_say(subject, "libyaml", FINDING_OK, -1, NULL, "%s", doc_library());
	subject_say(subject, "utf8proc", FINDING_OK, -1, NULL, "%s", utf8_library());
	if (cli->screen_library)
		subject_say(subject, "ncurses", FINDING_OK, -1, NULL,
			_("%s: true colour only with a *-direct entry of terminfo"),
			cli->screen_library());
	subject_say(subject, "weir", FINDING_OK, -1, NULL, "%s", WEIR_VERSION);
}
