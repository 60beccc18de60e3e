/*
 * See session_head.h. What is kept is not what a screen showed, but what loading the store makes: nothing of
 * what only the process knew that has ended (who did not answer, what restarts again and again) is in it.
 * A fleet that time alone will change within a day has no head, nor has one in which the first rows hang
 * together with others (DUPLICATE), a run is under way, or starts have made clusters of their own.
 */
#include "core/cli/session_head.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/session_private.h"
#include "core/loop/work.h"
#include "core/present/column.h"
#include "core/store/head.h"

#define APPS_MIN ((size_t)500) /* fewer are loaded as soon */
#define HOLDS_MS ((int64_t)24 * 3600 * 1000)

/* What of the configuration decides which rows there are. */
static uint32_t digest(const struct context_config *config)
{
	char *variables = config->variables
		? json_dumps(config->variables, JSON_COMPACT | JSON_SORT_KEYS)
		: NULL;
	uint32_t hash = str_hash(variables ? variables : "", 0);

	hash = str_hash(config->name, hash);
	hash += (uint32_t)(config->loop.restarts * 1000 + config->loop.minutes);
	for (size_t i = 0; i < config->flink_env_count; i++)
		hash = str_hash(config->flink_envs[i].name, hash);
	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct cluster_config *cluster = &config->clusters[i];

		hash = str_hash(cluster->name, hash);
		hash += cluster->archive_dir || cluster->history_server;
	}
	free(variables);
	return hash;
}

/* As session_load() makes it of the same. */
static struct fleet *fleet_of(const struct context_config *config, const struct map *clusters,
	const snapshot_vec *snapshots)
{
	struct fleet *fleet = fleet_new();
	int64_t now_ms = clock_wall_ms();

	session_declare(fleet, config, clusters);
	fleet_apply(fleet, snapshots->data[0], now_ms);
	fleet_load_begin(fleet);
	fleet_load(fleet, snapshots->data + 1, snapshots->len - 1, now_ms);
	fleet_load_end(fleet, config->name, now_ms);
	return fleet;
}

static void release(snapshot_vec *snapshots)
{
	for (size_t i = 0; i < snapshots->len; i++)
		snapshot_unref(snapshots->data[i]);
	vec_release(snapshots);
}

/* ---- at the end ---- */

char *session_head_dir(const struct session *session)
{
	size_t count;

	if (session->context_count != 1 || !session->contexts[0].is_loaded ||
		!session->has_sources || !session->config->path)
		return NULL;
	fleet_apps(session->fleet, &count);
	return count < APPS_MIN ? NULL : session_store_dir(session, session->contexts[0].config);
}

/* The order of a list nobody has touched: table_rows.c. */
static int compare(const void *a, const void *b, void *data)
{
	static const struct present_env env;
	const struct column *name = data;
	const struct app *x = *(struct app *const *)a, *y = *(struct app *const *)b;
	struct value one = name->get(x, &env), other = name->get(y, &env);
	int order = value_compare(&one, &other);

	return order ? order : strcmp(x->ref, y->ref);
}

static void add_refs(json_t *refs, const struct app *app)
{
	json_array_append_new(refs, json_string(app->ref));
	if (app->job) {
		json_array_append_new(refs, json_string(app->job->ref));
		json_array_append_new(refs, json_string(app->job->cluster->ref));
	}
	if (app->cluster && !(app->job && app->job->cluster == app->cluster))
		json_array_append_new(refs, json_string(app->cluster->ref));
}

/* False: its rows cannot be told from a part of it. */
static bool head_of(const struct fleet *fleet, struct head *out)
{
	size_t count;
	struct app *const *apps = fleet_apps(fleet, &count);
	struct app **sorted = xcalloc(count + 1, sizeof(struct app *));
	bool is_alone = true;

	for (size_t i = 0; i < count; i++)
		sorted[i] = apps[i];
	qsort_r(sorted, count, sizeof(struct app *), compare,
		(void *)column_find(&app_table, "name"));
	*out = (struct head){.apps = count,
		.rows = count < HEAD_ROWS ? count : HEAD_ROWS,
		.newest_ms = fleet_polls(fleet).newest_ms,
		.refs = json_array()};
	fleet_count_states(fleet, out->counts);
	for (size_t i = 0; i < out->rows; i++) {
		is_alone = is_alone && !sorted[i]->duplicates;
		add_refs(out->refs, sorted[i]);
	}
	free(sorted);
	return is_alone;
}

static bool is_quiet(const struct snapshot *records)
{
	for (size_t i = 0; i < records->record_count; i++)
		if (records->records[i].open.id || records->records[i].cluster.name)
			return false;
	return true;
}

static bool is_same(const struct head *a, const struct head *b)
{
	return a->apps == b->apps && !memcmp(a->counts, b->counts, sizeof(a->counts)) &&
		json_equal(a->refs, b->refs);
}

/* As the fleet is now, and will be in a day, whatever time does to it. */
static bool find_head(struct fleet *fleet, const char *context, struct head *out)
{
	int64_t until_ms = clock_wall_ms() + HOLDS_MS;
	struct head later = {0};
	bool is_found = head_of(fleet, out) && out->apps >= APPS_MIN;

	if (is_found) {
		fleet_load_begin(fleet);
		fleet_load_end(fleet, context, until_ms);
		is_found = head_of(fleet, &later) && is_same(out, &later);
	}
	out->until_ms = until_ms;
	head_release(&later);
	return is_found;
}

static void find_and_write(
	const struct context_config *config, const char *dir, const char *stamp, uint32_t others)
{
	snapshot_vec snapshots = {0};
	struct fleet *fleet = NULL;
	struct head head = {0};
	struct err err = {0};
	bool is_known = head_load(dir, config->name, NULL, &snapshots, &err) == 0 &&
		is_quiet(snapshots.data[0]);
	char *after;

	if (is_known)
		fleet = fleet_of(config, NULL, &snapshots);
	is_known = is_known && find_head(fleet, config->name, &head);
	after = is_known ? head_stamp(dir, others) : NULL;
	if (str_eq(stamp, after) && head_write(dir, stamp, &head, &err) < 0)
		log_write(LOG_DEBUG, "store: %s", err.text);
	free(after);
	head_release(&head);
	fleet_free(fleet);
	release(&snapshots);
}

void session_head_keep(const struct context_config *config, const char *dir)
{
	uint32_t others = digest(config);
	char *stamp = head_stamp_now(dir, others);

	if (!head_is_of(dir, stamp))
		find_and_write(config, dir, stamp, others);
	free(stamp);
}

/* ---- at the start ---- */

struct head_query {
	struct session *session; /* NULL: it was closed */
	char *context, *dir;
	uint32_t others;
	int64_t now_ms;
	struct head head;
	snapshot_vec snapshots;
	bool is_read;
	session_head_fn done;
	void *data;
};

static void query_run(void *data)
{
	struct head_query *query = data;

	query->is_read = head_read(query->dir, query->context, query->others, query->now_ms,
		&query->head, &query->snapshots);
}

/* NULL: what was read is not what was kept. */
static struct fleet *query_fleet(const struct head_query *query)
{
	struct fleet_whole whole = {.apps = query->head.apps,
		.polls = {.clusters = fleet_polls(query->session->fleet).clusters,
			.newest_ms = query->head.newest_ms}};
	struct map *clusters = map_new();
	struct fleet *fleet;
	size_t count;

	for (size_t i = 0; i < query->snapshots.len; i++)
		if (query->snapshots.data[i]->kind == SNAPSHOT_CLUSTER)
			map_put(clusters, query->snapshots.data[i]->source, clusters);
	fleet = fleet_of(query->session->contexts[0].config, clusters, &query->snapshots);
	map_free(clusters);
	fleet_apps(fleet, &count);
	if (count != query->head.rows) {
		fleet_free(fleet);
		return NULL;
	}
	memcpy(whole.counts, query->head.counts, sizeof(whole.counts));
	fleet_set_whole(fleet, &whole);
	return fleet;
}

static void query_done(void *data)
{
	struct head_query *query = data;

	if (query->session)
		query->session->head = NULL;
	if (query->session && query->done)
		query->done(query->data, query->is_read ? query_fleet(query) : NULL);
	head_release(&query->head);
	release(&query->snapshots);
	free(query->context);
	free(query->dir);
	free(query);
}

void session_head_begin(struct session *session)
{
	const struct context_config *config = session->contexts[0].config;
	struct head_query *query;

	if (session->context_count != 1 || !session->config->path)
		return;
	query = session->head = xcalloc(1, sizeof(*query));
	query->session = session;
	query->context = xstrdup(config->name);
	query->dir = session_store_dir(session, config);
	query->others = digest(config);
	query->now_ms = clock_wall_ms();
	work_start(session->loop, query_run, query_done, query);
}

/* The loop has not run since it began. */
bool session_head(struct session *session, session_head_fn done, void *data)
{
	if (!session->head)
		return false;
	session->head->done = done;
	session->head->data = data;
	return true;
}

void session_head_cancel(struct session *session)
{
	if (session->head)
		session->head->session = NULL;
	session->head = NULL;
}
