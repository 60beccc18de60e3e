/*
 * One SSH host: how it is to be reached and who says so, then the way in, and what works once we are
 * in. All of it over the connection that every verb uses.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/doctor.h"
#include "core/net/ssh.h"
#include "core/net/ssh_facts.h"
#include "core/net/tunnel_try.h"

#define COMMAND_MS 15000
/* Nobody listens there: that it was tried shows that forwarding is allowed. */
#define UNUSED_PORT 1
#define NO_SUCH_FILE "/nonexistent/weir-doctor"

struct host_task {
	struct subject *subject;
	const struct host_config *config;
	struct ssh_op *connect, *command, *copy;
	struct tunnel_try *forward;
	char *scratch; /* a folder of this machine, for a file that does not come */
	int64_t mono_begun_ms;
	bool is_warm; /* the command before this one was the first on its connection */
};

static struct ssh *hosts_of(const struct subject *subject)
{
	return subject->context->ssh;
}

/* ---- how it is to be reached ---- */

static const char *origin(bool is_named, bool is_ssh)
{
	return is_named ? _("weir's file") : is_ssh ? _("ssh's configuration") : _("the default");
}

/* "bastion, then inner": nearest to here first. */
static void add_chain(struct buf *out, struct ssh *ssh, const char *host, int depth)
{
	struct ssh_facts facts;

	if (depth > 16 || !ssh_facts(ssh, host, &facts))
		return;
	if (facts.jump) {
		add_chain(out, ssh, facts.jump, depth + 1);
		buf_addf(out, "%s%s", out->len ? _(", then ") : "", facts.jump);
	}
}

static void say_address(
	struct subject *subject, const struct host_config *config, const struct ssh_facts *facts)
{
	struct buf text, chain;

	buf_init(&text, 0);
	buf_init(&chain, 0);
	buf_addf(&text, "%s (%s)", facts->address,
		origin(!(facts->from_ssh & SSH_FACT_ADDRESS), true));
	if (facts->peer && !str_eq(facts->peer, facts->address))
		buf_addf(&text, " = %s", facts->peer);
	if (facts->port)
		buf_addf(&text, _(", port %d (%s)"), facts->port,
			origin(facts->port_is_named, facts->from_ssh & SSH_FACT_PORT));
	if (facts->user)
		buf_addf(&text, _(", user %s (%s)"), facts->user,
			origin(facts->user_is_named, facts->from_ssh & SSH_FACT_USER));
	if (!facts->port || !facts->user)
		buf_addf(&text, _(", the rest as ssh's configuration says"));
	add_chain(&chain, hosts_of(subject), config->name, 0);
	if (chain.len)
		buf_addf(&text, _(", through %s (%s)"), buf_str(&chain),
			origin(config->jump != NULL, true));
	else
		buf_addf(&text, _(", directly"));
	subject_say(subject, "address", FINDING_OK, -1, NULL, "%s", buf_str(&text));
	buf_release(&text);
	buf_release(&chain);
}

static void say_keys(struct buf *text, const struct ssh_facts *facts)
{
	if (facts->key)
		buf_addf(text, _("; key %s (weir's file)"), facts->key);
	for (size_t i = 0; !facts->key && i < facts->key_count; i++)
		buf_addf(text, i ? ", %s" : _("; keys of ssh's configuration: %s"), facts->keys[i]);
}

static void say_transport(
	struct subject *subject, const struct host_config *config, const struct ssh_facts *facts)
{
	struct buf text;

	buf_init(&text, 0);
	if (facts->transport == TRANSPORT_OPENSSH)
		buf_adds(&text,
			_("openssh (weir's file says so): every kind of key that ssh takes; "
			  "nothing "
			  "is asked, so no password and no code"));
	else
		buf_addf(&text, _("libssh2 %s (the default): %s"), ssh_library(),
			ssh_library_has_rsa_sha2() ? _("ed25519, ecdsa and RSA keys")
						   : _("ed25519 and ecdsa keys; RSA, FIDO, "
						       "certificates and GSSAPI need "
						       "transport: openssh"));
	say_keys(&text, facts);
	buf_adds(&text, _("; ways in, in order: "));
	for (size_t i = 0; i < json_array_size(config->auth); i++)
		buf_addf(&text, "%s%s", i ? ", " : "",
			json_string_value(json_array_get(config->auth, i)));
	if (!config->auth)
		buf_adds(&text,
			facts->transport == TRANSPORT_OPENSSH ? _("as ssh's configuration says")
							      : "agent, key, otp, password");
	subject_say(subject, "transport", FINDING_OK, -1, NULL, "%s", buf_str(&text));
	buf_release(&text);
}

static void say_host_key(struct subject *subject, const struct ssh_facts *facts)
{
	if (facts->transport == TRANSPORT_OPENSSH && facts->key_is_known)
		subject_say(subject, "host-key", FINDING_OK, -1, NULL,
			_("known to ssh, which refuses any other"));
	else if (facts->key_print && facts->key_is_known)
		subject_say(subject, "host-key", FINDING_OK, -1, NULL, _("%s %s, known (%s)"),
			facts->key_type, facts->key_print, facts->known_hosts);
	else if (facts->key_print && facts->key_is_wrong)
		subject_say(subject, "host-key", FINDING_FAIL, -1,
			_("somebody may be listening in: ask its administrator before anything "
			  "else; nothing is sent to it"),
			_("%s %s: NOT the key that %s has, or one that it revokes"),
			facts->key_type, facts->key_print, facts->known_hosts);
	else if (facts->key_print)
		subject_say(subject, "host-key", FINDING_FAIL, -1,
			_("compare the fingerprint with its administrator's; weir asks on a "
			  "terminal, or ssh-keyscan adds it"),
			_("%s %s: not known to be the right one (%s)"), facts->key_type,
			facts->key_print, facts->known_hosts);
}

/* ---- what works ---- */

static void end_one(struct host_task *task)
{
	subject_end(task->subject);
}

static void on_command(void *data, const struct ssh_result *result, const struct err *err);
static void on_copy(void *data, const struct ssh_result *result, const struct err *err);
static void on_forward(void *data, const struct err *err);

static void run_command(struct host_task *task)
{
	task->mono_begun_ms = clock_mono_ms();
	task->command = ssh_exec(hosts_of(task->subject),
		&(struct ssh_exec_options){
			.host = task->config->name, .command = ":", .timeout_ms = COMMAND_MS},
		on_command, task);
}

/* A file that is not there is asked for: the answer is the far side's own. */
static void ask_for_file(struct host_task *task)
{
	const char *base = getenv("TMPDIR");
	char *path;

	task->scratch = xasprintf("%s/weir-doctor-XXXXXX", str_empty(base) ? "/tmp" : base);
	if (!mkdtemp(task->scratch)) {
		subject_say(task->subject, "files", FINDING_WARN, -1, _("set TMPDIR"),
			_("not tried: no temporary folder can be made here"));
		free(task->scratch);
		task->scratch = NULL;
		return;
	}
	path = xasprintf("%s/file", task->scratch);
	subject_begin(task->subject);
	task->copy = ssh_get(hosts_of(task->subject),
		&(struct ssh_copy_options){.host = task->config->name,
			.local_path = path,
			.remote_path = NO_SUCH_FILE},
		on_copy, task);
	free(path);
}

/* After the round trip was measured: nothing else is on the connection then. */
static void try_the_rest(struct host_task *task)
{
	ask_for_file(task);
	subject_begin(task->subject);
	task->forward = tunnel_try(task->subject->doctor->session->loop, hosts_of(task->subject),
		task->config->name, "127.0.0.1", UNUSED_PORT, on_forward, task);
}

static const char *first_line(struct host_task *task, const struct ssh_result *result)
{
	const char *text = result->err->len ? buf_str(result->err) : buf_str(result->out);
	struct arena *arena = task->subject->doctor->arena;

	text = arena_strndup(arena, text, strcspn(text, "\r\n"));
	return *text ? text : _("its shell refuses an empty one");
}

static void on_command(void *data, const struct ssh_result *result, const struct err *err)
{
	struct host_task *task = data;
	int64_t ms = clock_mono_ms() - task->mono_begun_ms;

	task->command = NULL;
	/* The first one pays for what the far side sets up once. */
	if (!err && result->exit_status == 0 && !task->is_warm) {
		task->is_warm = true;
		run_command(task);
		return;
	}
	if (err || result->exit_status)
		subject_say(task->subject, "commands", FINDING_FAIL, -1,
			_("builds, releases and flink run need a shell there: is the account's "
			  "shell a POSIX one, without ForceCommand?"),
			_("no command runs: %s"), err ? err->text : first_line(task, result));
	else
		subject_say(task->subject, "commands", FINDING_OK, ms, NULL,
			_("run; one there and back"));
	try_the_rest(task);
	end_one(task);
}

static void scratch_remove(struct host_task *task)
{
	char *part;

	if (!task->scratch)
		return;
	part = xasprintf("%s/file.part", task->scratch);
	unlink(part);
	rmdir(task->scratch);
	free(part);
	free(task->scratch);
	task->scratch = NULL;
}

static void on_copy(void *data, const struct ssh_result *result, const struct err *err)
{
	struct host_task *task = data;

	(void)result;
	task->copy = NULL;
	scratch_remove(task);
	if (!err || err->code == E_NOTFOUND)
		subject_say(task->subject, "files", FINDING_OK, -1, NULL,
			task->config->transport == TRANSPORT_OPENSSH
				? _("copied by commands over ssh")
				: _("SFTP answers"));
	else
		subject_say(task->subject, "files", FINDING_FAIL, -1,
			_("releases copy files: has its sshd_config a line \"Subsystem sftp "
			  "internal-sftp\"?"),
			_("no file can be copied: %s"), err->text);
	end_one(task);
}

/* Does something of the configuration go through it? */
static bool is_way(const struct host_task *task)
{
	const struct context_config *config = task->subject->context->config;
	const char *name = task->config->name;
	bool used = false;

	for (size_t i = 0; i < config->cluster_count; i++)
		used |= str_eq(config->clusters[i].via, name);
	for (size_t i = 0; i < config->host_count; i++)
		used |= str_eq(config->hosts[i].jump, name);
	for (size_t i = 0; i < config->flink_env_count; i++)
		used |= config->flink_envs[i].sql_gateway &&
			str_eq(config->flink_envs[i].host, name);
	return used;
}

static void on_forward(void *data, const struct err *err)
{
	struct host_task *task = data;

	task->forward = NULL;
	if (!err || err->code == E_REMOTE)
		subject_say(task->subject, "forwarding", FINDING_OK, -1, NULL,
			_("its sshd connects further for us"));
	else if (err->code == E_DENIED)
		subject_say(task->subject, "forwarding", is_way(task) ? FINDING_FAIL : FINDING_WARN,
			-1,
			_("clusters and hosts behind it need \"AllowTcpForwarding yes\" (or "
			  "\"local\") in its sshd_config; with PermitOpen their addresses have to "
			  "be listed"),
			_("127.0.0.1 port %d was refused: %s"), UNUSED_PORT, err->text);
	else
		subject_say(task->subject, "forwarding", FINDING_FAIL, -1, NULL, "%s", err->text);
	end_one(task);
}

/* ---- the way in ---- */

static char *login_cure(const struct ssh_facts *facts, int code)
{
	struct buf text;

	buf_init(&text, 0);
	if (code == E_NET || code == E_TIMEOUT)
		buf_adds(&text,
			_("is it up, the address right, and the way open (VPN, firewall)? "));
	else if (code == E_UNSUPPORTED || code == E_CONFIG)
		buf_adds(&text, _("change weir's file, or ssh's configuration; "));
	buf_addf(&text, _("by hand: ssh -v %s%s%s"), facts->user ? facts->user : "",
		facts->user ? "@" : "", facts->address);
	if (facts->port && facts->port != 22)
		buf_addf(&text, " -p %d", facts->port);
	if (facts->jump)
		buf_addf(&text, _(" (through %s)"), facts->jump);
	return buf_detach(&text);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct host_task *task = data;
	struct subject *subject = task->subject;
	struct ssh_facts facts = {.address = task->config->address};
	int64_t ms = clock_mono_ms() - task->mono_begun_ms;

	(void)result;
	task->connect = NULL;
	ssh_facts(hosts_of(subject), task->config->name, &facts);
	say_address(subject, task->config, &facts);
	say_transport(subject, task->config, &facts);
	say_host_key(subject, &facts);
	if (err) {
		char *cure = login_cure(&facts, err->code);
		subject_say(subject, "login", FINDING_FAIL, ms, cure, "%s", err->text);
		free(cure);
		end_one(task);
		return;
	}
	subject_say(subject, "login", FINDING_OK, ms, NULL, _("let in by %s"),
		facts.way ? facts.way : _("a way that ssh does not tell"));
	subject_begin(subject);
	run_command(task);
	end_one(task);
}

static void release(struct subject *subject)
{
	struct host_task *task = subject->task;

	ssh_cancel(task->connect);
	ssh_cancel(task->command);
	ssh_cancel(task->copy);
	tunnel_try_cancel(task->forward);
	scratch_remove(task);
	free(task);
}

void doctor_hosts(struct doctor *doctor, const struct session_context *context)
{
	for (size_t i = 0; i < context->config->host_count; i++) {
		const struct host_config *config = &context->config->hosts[i];
		struct subject *subject;
		struct host_task *task;

		if (!doctor_wants(doctor, config->name))
			continue;
		subject = subject_new(doctor, "host", context, config->name);
		task = xcalloc(1, sizeof(*task));
		*task = (struct host_task){
			.subject = subject, .config = config, .mono_begun_ms = clock_mono_ms()};
		subject->task = task;
		subject->release = release;
		subject_begin(subject);
		task->connect = ssh_connect(context->ssh, config->name, on_connected, task);
	}
}
