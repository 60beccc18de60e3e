/*
 * Clusters, each of their addresses asked for /config by the way that weir's polls take; and Flink
 * envs, by core/action/env_check, which `weir get flink-envs` shares.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/env_check.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/access.h"
#include "core/cli/doctor.h"
#include "core/cli/envs.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/present/column.h"
#include "core/source/source.h"

#define CONFIG_BYTES ((size_t)256 << 10)

/* ---- clusters ---- */

struct address {
	struct cluster_task *task;
	const char *url; /* borrowed from the configuration */
	struct http_transfer *transfer;
	char *version; /* NULL: it is no JobManager, or did not answer: err */
	int64_t ms;
	struct err err;
};

struct cluster_task {
	struct subject *subject;
	const struct cluster_config *config;
	struct ssh_op *connect;
	struct address *addresses;
	size_t count, left;
	struct source *history; /* who remembers its ended jobs; or NULL */
	struct source_poll *looking;
};

static const char *via_text(const struct cluster_config *config, char **hold)
{
	*hold = config->via ? xasprintf(_(" via %s"), config->via) : xstrdup("");
	return *hold;
}

/* One of several addresses leads: the others may be standing by. */
static void say_addresses(struct cluster_task *task)
{
	bool any = false;
	char *hold;
	const char *via = via_text(task->config, &hold);

	for (size_t i = 0; i < task->count; i++)
		any |= task->addresses[i].version != NULL;
	for (size_t i = 0; i < task->count; i++) {
		const struct address *address = &task->addresses[i];
		if (address->version) {
			subject_say(task->subject, "address", FINDING_OK, address->ms, NULL,
				_("%s%s: Flink %s"), address->url, via, address->version);
			continue;
		}
		subject_say(task->subject, "address", any ? FINDING_WARN : FINDING_FAIL, -1,
			any ? _("another address of it answers: is this one a standby, or gone?")
				: address->err.code == E_PROTO || address->err.code == E_NOTFOUND
				? _("rest: is to be a JobManager's REST address (rest.port, "
				    "8081 by default)")
				: task->config->via
				? _("is the JobManager up, and does this host reach it (see host "
				    "checks above)?")
				: _("is the JobManager up, rest.bind-address open, and no firewall "
				    "between? Behind a host: via: HOST"),
			"%s%s", address->err.text, via);
	}
	free(hold);
}

/* Of one that is down it tells since when; of one that is up, how it was. */
static void say_remembered(struct subject *subject, const struct cluster_config *config)
{
	const struct cluster *cluster = NULL;
	size_t count;
	struct cluster *const *all = fleet_clusters(subject->doctor->session->fleet, &count);
	struct buf age;

	for (size_t i = 0; i < count; i++)
		if (str_eq(all[i]->name, config->name) &&
			str_eq(all[i]->context, subject->context->config->name))
			cluster = all[i];
	if (!cluster || !cluster->observed_ms)
		return;
	buf_init(&age, 0);
	format_age(cluster->observed_ms, clock_wall_ms(), &age);
	subject_say(subject, "last-poll", FINDING_OK, cluster->latency_ms, NULL,
		_("last answer: %s ago"), buf_str(&age));
	buf_release(&age);
}

static void on_config(void *data, const struct http_response *res, const struct err *err)
{
	struct address *address = data;
	struct cluster_task *task = address->task;

	address->transfer = NULL;
	address->ms = res->elapsed_ms;
	if (err) {
		address->err = *err;
	} else if (!http_status_error(res, &address->err)) {
		json_t *root = doc_parse_json(buf_str(res->body), res->body->len, "config", NULL);
		address->version =
			xstrdup_null(json_string_value(json_object_get(root, "flink-version")));
		json_decref(root);
		if (!address->version)
			err_set(&address->err, E_PROTO, _("what answers is no JobManager"));
	}
	if (--task->left)
		return;
	say_addresses(task);
	say_remembered(task->subject, task->config);
	subject_end(task->subject);
}

static void ask_addresses(struct cluster_task *task, struct http_access *access)
{
	struct session *session = task->subject->doctor->session;

	task->left = task->count;
	for (size_t i = 0; i < task->count; i++) {
		struct address *address = &task->addresses[i];
		char *url = xasprintf("%s/config", address->url);
		address->transfer = http_start(session->http,
			&(struct http_request){.where = task->config->name,
				.url = url,
				.access = access,
				.cap_bytes = CONFIG_BYTES},
			on_config, address);
		free(url);
	}
}

static void no_way(struct cluster_task *task, const struct err *err)
{
	subject_say(task->subject, "way", FINDING_FAIL, -1,
		_("it is reached through that host: see its checks, or weir doctor HOST"), "%s",
		err->text);
	subject_end(task->subject);
}

static void take_way(struct cluster_task *task)
{
	struct err why = {0};
	struct http_access *access =
		access_of(task->subject->context->accesses, task->config, &why);

	if (access)
		ask_addresses(task, access);
	else
		no_way(task, &why);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct cluster_task *task = data;

	(void)result;
	task->connect = NULL;
	if (err)
		no_way(task, err);
	else
		take_way(task);
}

/* A job that never was: who says that he does not know it is there, and is who he should be. */
#define NO_JOB "00000000000000000000000000000000"

static void on_history(void *data, struct snapshot *snapshot)
{
	struct cluster_task *task = data;
	bool is_archive = task->config->archive_dir != NULL;
	int64_t ms = snapshot->observed_ms - snapshot->asked_ms;

	task->looking = NULL;
	if (!snapshot->err.code || snapshot->err.code == E_NOTFOUND)
		subject_say(task->subject, "history", FINDING_OK, ms, NULL,
			is_archive ? _("job archive %s") : _("HistoryServer %s"),
			is_archive ? task->config->archive_dir : task->config->history_server);
	else
		subject_say(task->subject, "history", FINDING_WARN, -1,
			is_archive ? _("archive: is to be what jobmanager.archive.fs.dir says, as "
				       "seen "
				       "from there")
				   : _("history-server: is to be the address of a HistoryServer "
				       "(historyserver.web.port, 8082 by default)"),
			"%s", snapshot->err.text);
	snapshot_unref(snapshot);
	subject_end(task->subject);
}

static void ask_history(struct cluster_task *task)
{
	const struct session_context *context = task->subject->context;

	for (size_t i = 0; i < context->history_count; i++)
		if (str_eq(context->histories[i]->name, task->config->name))
			task->history = context->histories[i];
	if (!task->history)
		return;
	subject_begin(task->subject);
	task->looking = source_poll(task->history,
		&(struct poll){.what = SNAPSHOT_ENDED, .job_id = NO_JOB}, on_history, task);
}

/* What the configuration allows that it should not. */
static void say_risks(struct subject *subject, const struct cluster_config *config)
{
	const char *tls = access_tls(config);

	if (str_eq(tls, "insecure"))
		subject_say(subject, "tls", FINDING_WARN, -1,
			_("name the CA that signed its certificate: tls: {ca: FILE}"),
			_("insecure: anybody's certificate is taken, so that whoever is in "
			  "between reads and changes all"));
	if (!tls && config->auth.secret.place && !config->via)
		subject_say(subject, "auth", FINDING_WARN, -1,
			_("use https://, or go through a host (via:)"),
			_("the login goes over http:// as plain text"));
}

static void release_cluster(struct subject *subject)
{
	struct cluster_task *task = subject->task;

	ssh_cancel(task->connect);
	if (task->looking)
		source_poll_cancel(task->history, task->looking);
	for (size_t i = 0; i < task->count; i++) {
		http_cancel(task->addresses[i].transfer);
		free(task->addresses[i].version);
	}
	free(task->addresses);
	free(task);
}

void doctor_clusters(struct doctor *doctor, const struct session_context *context)
{
	for (size_t i = 0; i < context->config->cluster_count; i++) {
		const struct cluster_config *config = &context->config->clusters[i];
		struct cluster_task *task;

		if (!doctor_wants(doctor, config->name))
			continue;
		task = xcalloc(1, sizeof(*task));
		task->subject = subject_new(doctor, "cluster", context, config->name);
		task->subject->task = task;
		task->subject->release = release_cluster;
		task->config = config;
		task->count = json_array_size(config->rest);
		task->addresses = xcalloc(task->count + 1, sizeof(*task->addresses));
		for (size_t k = 0; k < task->count; k++) {
			task->addresses[k].task = task;
			task->addresses[k].url = json_string_value(json_array_get(config->rest, k));
		}
		subject_begin(task->subject);
		say_risks(task->subject, config);
		ask_history(task);
		if (config->via)
			task->connect = ssh_connect(context->ssh, config->via, on_connected, task);
		else
			take_way(task);
	}
}

/* ---- Flink envs ---- */

struct env_task {
	struct subject *subject;
	struct env_check *check;
};

static const char *env_cure(const struct env_state *state)
{
	switch (state->found) {
	case ENV_MISSING:
	case ENV_NO_FLINK:
		return _("home: is FLINK_HOME on its host, the folder with bin/ and lib/");
	case ENV_UNREADABLE: return _("let this user read it (chmod, or its group)");
	case ENV_UNREACHABLE: return _("see the checks of its host, or weir doctor HOST");
	default: return NULL;
	}
}

static void say_gateway(struct subject *subject, const struct env_state *state)
{
	switch (state->gateway) {
	case GATEWAY_OK:
		subject_say(subject, "sql-gateway",
			str_eq(state->gateway_version, state->version) || !state->version
				? FINDING_OK
				: FINDING_WARN,
			-1,
			str_eq(state->gateway_version, state->version) || !state->version
				? NULL
				: _("start the gateway of the same version: it submits with its "
				    "own "
				    "jars"),
			_("%s: Flink %s"), state->sql_gateway, state->gateway_version);
		break;
	case GATEWAY_WRONG:
	case GATEWAY_SILENT:
		subject_say(subject, "sql-gateway", FINDING_FAIL, -1,
			_("bin/sql-gateway.sh start on its host; sql-gateway: is its address as "
			  "seen from there (port 8083 by default)"),
			"%s", state->gateway_problem);
		break;
	default: break;
	}
}

static void on_checked(void *data, struct env_state *state)
{
	struct env_task *task = data;
	struct subject *subject = task->subject;
	const char *place = state->host ? state->host : _("this machine");

	task->check = NULL;
	env_state_apps(state, subject->doctor->session->fleet);
	if (state->found == ENV_OK)
		subject_say(subject, "home", FINDING_OK, -1, NULL,
			_("%s on %s: Flink %s, Java %s%s%s; applications that name it: %zu"),
			state->home, place, state->version, state->java,
			state->java_home ? _(" in ") : "", state->java_home ? state->java_home : "",
			state->app_count);
	else
		subject_say(subject, "home", FINDING_FAIL, -1, env_cure(state), "%s",
			state->err.code ? state->err.text : state->problem);
	say_gateway(subject, state);
	env_state_free(state);
	subject_end(subject);
}

static void release_env(struct subject *subject)
{
	struct env_task *task = subject->task;

	env_check_cancel(task->check);
	free(task);
}

void doctor_envs(struct doctor *doctor, const struct session_context *context)
{
	for (size_t i = 0; i < context->config->flink_env_count; i++) {
		const struct flink_env_config *config = &context->config->flink_envs[i];
		struct env_task *task;

		if (!doctor_wants(doctor, config->name))
			continue;
		task = xcalloc(1, sizeof(*task));
		task->subject = subject_new(doctor, "flink-env", context, config->name);
		task->subject->task = task;
		task->subject->release = release_env;
		subject_begin(task->subject);
		task->check =
			env_check_start(&(struct env_check_options){.loop = doctor->session->loop,
						.hosts = context->ssh,
						.http = doctor->session->http,
						.context = context->config->name,
						.env = config},
				on_checked, task);
	}
}
