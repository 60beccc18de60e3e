/*
 * A host's settings are the loop's to read once its thread runs; what the thread saw comes as a
 * message. The ssh program says how it got in on stderr, in a line that has not changed for years;
 * where it has, nothing is claimed.
 */
#include "core/net/ssh_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh_openssh.h"

/* ---- the thread's part ---- */

void met_way(struct ssh_worker *w, const char *word, const char *detail)
{
	size_t len = strlen(w->met.way);
	bool has_detail = !str_empty(detail);

	snprintf(w->met.way + len, sizeof(w->met.way) - len, "%s%s%s%s", len ? ", " : "", word,
		has_detail ? " " : "", has_detail ? detail : "");
}

void met_tell(struct ssh_worker *w)
{
	struct ssh_msg *msg = msg_new(MSG_MET, w, 0);

	msg->met = xmalloc(sizeof(*msg->met));
	*msg->met = w->met;
	mailbox_put(w->out, msg);
}

/* ---- the loop's ---- */

/* `Authenticated to gw ([10.0.0.5]:22) using "publickey".`, by a proxy "(via proxy)". */
static void openssh_facts(struct ssh_worker *w)
{
	const char *said = buf_str(&w->openssh->said), *line = NULL, *end, *from, *to;

	for (const char *at = said; (at = strstr(at, "Authenticated to ")); at++)
		line = at;
	w->seen = (struct ssh_met){0};
	if (!line)
		return;
	end = line + strcspn(line, "\n");
	from = strstr(line, "([");
	to = from ? strstr(from, "]:") : NULL;
	if (to && to < end)
		snprintf(
			w->seen.peer, sizeof(w->seen.peer), "%.*s", (int)(to - from - 2), from + 2);
	from = strstr(line, "using \"");
	to = from ? strchr(from + strlen("using \""), '"') : NULL;
	if (to && to < end) {
		from += strlen("using \"");
		snprintf(w->seen.way, sizeof(w->seen.way), "%.*s", (int)(to - from), from);
	}
	w->seen.key_is_known = true; /* BatchMode: ssh refuses any other */
}

static const char *seen(const char *text)
{
	return *text ? text : NULL;
}

bool ssh_facts(struct ssh *ssh, const char *host, struct ssh_facts *out)
{
	struct ssh_worker *w = ssh_worker_of(ssh, host);

	if (!w)
		return false;
	if (w->openssh)
		openssh_facts(w);
	*out = (struct ssh_facts){
		.transport = w->openssh ? TRANSPORT_OPENSSH : TRANSPORT_LIBSSH2,
		.address = w->address,
		.user = w->openssh && !w->user_is_named ? NULL : w->user,
		.key = w->key,
		.port = w->openssh && !w->port_is_named ? 0 : w->port,
		.jump = w->jump ? w->jump->name : NULL,
		.from_ssh = w->from_ssh,
		.user_is_named = w->user_is_named,
		.port_is_named = w->port_is_named,
		.keys = (const char *const *)w->keys,
		.key_count = w->key_count,
		.known_hosts = w->known_hosts,
		.peer = seen(w->seen.peer),
		.key_type = seen(w->seen.key_type),
		.key_print = seen(w->seen.key_print),
		.key_is_known = w->seen.key_is_known,
		.key_is_wrong = w->seen.key_is_wrong,
		.way = seen(w->seen.way),
	};
	return true;
}

const char *ssh_library(void)
{
	return libssh2_version(0);
}

bool ssh_library_has_rsa_sha2(void)
{
	return libssh2_version(0x010b00) != NULL;
}
