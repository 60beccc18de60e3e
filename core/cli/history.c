/*
 * weir get history|checkpoints|exceptions|samples [APP…]: what the flight recorder remembers. Whoever asks for it asks everybody
 * first, like every other get, so that what happened since is in it; --cached does not. A name that
 * nobody knows any more may be a ref, as the items show it: its history outlives it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/gather.h"
#include "core/cli/get_again.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/verbs.h"
#include "core/query/query_history.h"

#define LIMIT_DEFAULT 1000
#define SINCE_DEFAULT_MS ((int64_t)24 * 3600 * 1000)
/* Those of ten seconds reach so far back. */
#define SAMPLES_SINCE_MS SAMPLE_RAW_KEPT_MS
#define SAMPLES_LIMIT 10000

struct history {
	struct gather gather; /* first: `wanted` gets it as its data */
	const struct column_table *table;
	enum history_kind kind;
	enum output_format format;
	struct history_ask ask;
	struct arena *arena;
	VEC(const void *) items;
	const void **listed; /* those of them that pass */
	bool is_back;
	struct err err; /* of a store; code 0 = fine */
};

static const struct {
	const struct column_table *table;
	const char *item_name; /* the word for one of it */
	enum history_kind kind;
} kinds[] = {
	{&event_table, "history", HISTORY_EVENTS},
	{&seen_checkpoint_table, "checkpoint", HISTORY_CHECKPOINTS},
	{&seen_exception_table, "exception", HISTORY_EXCEPTIONS},
	{&sample_table, "sample", HISTORY_SAMPLES},
};

/* "90s", "30m", "2h", "14d" → milliseconds. */
static int parse_since(const char *word, int64_t *out, struct err *err)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	size_t len = strlen(word);
	char *digits = xstrndup(word, len ? len - 1 : 0);
	int64_t number = 0, ms = 0;

	for (size_t i = 0; len && i < ARRAY_SIZE(units); i++)
		if (word[len - 1] == units[i].unit && str_to_int64(digits, &number) && number > 0 &&
			number < 100000)
			ms = number * units[i].ms;
	free(digits);
	if (!ms)
		return err_set(err, E_ARG,
			_("--since %s is no time: a number and s, m, h or d, like 2h"), word);
	*out = ms;
	return 0;
}

static int parse_words(struct history *history, struct cli *cli, struct err *err)
{
	const char *word;
	int64_t since_ms = history->kind == HISTORY_SAMPLES ? SAMPLES_SINCE_MS : SINCE_DEFAULT_MS;
	int64_t limit = history->kind == HISTORY_SAMPLES ? SAMPLES_LIMIT : LIMIT_DEFAULT;

	if (listing_read(cli, history->table, false, &history->format, err))
		return err->code;
	word = cli_option(cli, "since");
	if (word && parse_since(word, &since_ms, err))
		return err->code;
	word = cli_option(cli, "limit");
	if (word && (!str_to_int64(word, &limit) || limit < 1 || limit > 100000))
		return err_set(err, E_ARG, _("--limit %s: a number from 1 to 100000"), word);
	history->ask.since_ms = clock_wall_ms() - since_ms;
	history->ask.span_ms = sample_span_ms(since_ms);
	history->ask.max = (size_t)limit;
	return 0;
}

static bool is_named(const struct history *history, const struct app *app)
{
	const struct cli *cli = history->gather.cli;

	for (size_t i = 1; i < cli->arg_count; i++) {
		struct app *found[8];
		size_t count = fleet_find_apps(
			history->gather.session->fleet, cli->args[i], found, ARRAY_SIZE(found));

		for (size_t k = 0; k < count && k < ARRAY_SIZE(found); k++)
			if (found[k] == app)
				return true;
	}
	return cli->arg_count == 1;
}

static bool app_wanted(void *data, const struct app *app)
{
	return is_named(data, app);
}

static void on_items(void *data, const void *const *items, size_t count, const struct err *err)
{
	struct history *history = data;

	for (size_t i = 0; i < count; i++) {
		const void *copy = history_copy(history->arena, history->kind, items[i]);

		vec_push(&history->items, copy);
	}
	if (err)
		history->err = *err;
	history->is_back = true;
	loop_stop(history->gather.session->loop);
}

static void ask_store(struct history *history, struct store *store)
{
	history->is_back = false;
	query_history(store, history->kind, &history->ask, on_items, history);
	while (!history->is_back)
		loop_run(history->gather.session->loop);
}

/* A ref begins with its context. */
static struct store *store_of_ref(const struct history *history, const char *ref)
{
	const char *end = strchr(ref, '/');
	char *context = xstrndup(ref, end ? (size_t)(end - ref) : 0);
	struct store *store = session_store(history->gather.session, context);

	free(context);
	return store;
}

static int ask_one(struct history *history, const char *word, struct err *err)
{
	struct store *ref_store = ref_kind(word) != KIND_MAX ? store_of_ref(history, word) : NULL;
	struct session_context *context = NULL;
	struct app *app = NULL;

	if (gather_find_app(&history->gather, word, &app, &context, err) == 0) {
		history_ask_app(&history->ask, app);
		ask_store(history, context->store);
		return 0;
	}
	if (!ref_store)
		return err->code;
	history->ask.refs[0] = word;
	history->ask.ref_count = 1;
	ask_store(history, ref_store);
	return 0;
}

/* errors: of names that mean nothing; NULL = they are passed over. */
static int ask_all(struct history *history, json_t *errors)
{
	const struct cli *cli = history->gather.cli;
	struct session *session = history->gather.session;
	int code = 0;

	arena_free(history->arena);
	history->arena = arena_new();
	history->items.len = 0;
	history->err.code = E_OK;
	for (size_t i = 1; i < cli->arg_count; i++) {
		struct err err = {0};

		if (ask_one(history, cli->args[i], &err) && errors) {
			output_error(errors, NULL, &err);
			code = err_exit_code(err.code);
		}
	}
	for (size_t i = 0; cli->arg_count == 1 && i < session->context_count; i++)
		ask_store(history, session->contexts[i].store);
	return code;
}

/* Of several applications, or of several contexts: one list, the newest first. */
static int compare_newest(const void *a, const void *b, void *data)
{
	const struct column *time = &((const struct history *)data)->table->columns[0];
	struct present_env env = {0};
	struct value x = time->get(*(const void *const *)a, &env);
	struct value y = time->get(*(const void *const *)b, &env);

	return value_compare(&y, &x);
}

/* In the order in which they came where the time is the same; a cluster's is told once. */
static size_t sort_items(struct history *history, const void **items)
{
	size_t kept = 0;

	for (size_t i = 0; i < history->items.len; i++)
		if (listing_passes(history->gather.cli, history->items.data[i]))
			items[kept++] = history->items.data[i];
	if (history->gather.cli->arg_count != 2 || history->gather.session->context_count > 1)
		qsort_r(items, kept, sizeof(*items), compare_newest, history);
	return kept;
}

/* Borrowed until the next call. */
static struct output listed(struct history *history, json_t *errors)
{
	size_t kept;

	history->listed =
		xrealloc(history->listed, (history->items.len + 1) * sizeof(*history->listed));
	kept = sort_items(history, history->listed);
	return listing_output(history->gather.cli, history->format, history->table, history->listed,
		kept < history->ask.max ? kept : history->ask.max, errors);
}

/* ---- printing, with --watch again and again ---- */

/* Those that are named are asked for what they do as if they were on a screen. */
static void show_named(struct history *history)
{
	const struct cli *cli = history->gather.cli;
	VEC(const char *) refs = {0};

	for (size_t i = 1; i < cli->arg_count; i++) {
		struct app *found[1];

		if (fleet_find_apps(history->gather.session->fleet, cli->args[i], found, 1) == 1)
			vec_push(&refs, found[0]->ref);
	}
	session_show(history->gather.session, refs.data, refs.len, NULL);
	vec_release(&refs);
}

static int ask_again(void *data, struct output *out, struct err *err)
{
	struct history *history = data;

	show_named(history);
	ask_all(history, NULL);
	if (history->err.code) {
		*err = history->err;
		return err->code;
	}
	*out = listed(history, NULL);
	return 0;
}

static void event_id(const void *item, struct buf *out)
{
	const struct event *event = item;
	const char *const texts[] = {
		event->ref, event->kind, event->job_id, event->from, event->to, event->text};

	buf_addf(out, "%lld", (long long)event->time_ms);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		buf_addf(out, "\n%s", texts[i] ? texts[i] : "");
}

static void checkpoint_id(const void *item, struct buf *out)
{
	const struct seen_checkpoint *seen = item;

	buf_addf(out, "%s %s %lld %lld", seen->ref, seen->job_id, (long long)seen->id,
		(long long)seen->trigger_ms);
}

static void exception_id(const void *item, struct buf *out)
{
	const struct seen_exception *seen = item;

	buf_addf(out, "%s %s", seen->ref, seen->fingerprint);
}

static void sample_id(const void *item, struct buf *out)
{
	const struct sample *sample = item;

	buf_addf(out, "%s %lld", sample->ref, (long long)sample->time_ms);
}

static int print(struct history *history, const struct output *first)
{
	static void (*const ids[])(const void *item, struct buf *out) = {
		[HISTORY_EVENTS] = event_id,
		[HISTORY_CHECKPOINTS] = checkpoint_id,
		[HISTORY_EXCEPTIONS] = exception_id,
		[HISTORY_SAMPLES] = sample_id,
	};

	return get_again(&(struct get_again){.cli = history->gather.cli,
		.session = history->gather.session,
		.first = first,
		.is_newest_first = true,
		.polls = true,
		.ask = ask_again,
		.id = ids[history->kind],
		.data = history});
}

/* ---- the verb ---- */

static int print_items(struct history *history, json_t *errors)
{
	char *empty =
		xasprintf(_("no %s is remembered of that time"), _(history->table->item_name));
	struct output output = listed(history, errors);
	int code;

	output.empty = empty;
	code = print(history, &output);
	free(empty);
	return code;
}

static int run(struct history *history, struct cli *cli)
{
	struct err err;
	int code;

	if (parse_words(history, cli, &err) || gather_run(&history->gather, &err))
		return cli_fail(&err);
	json_t *errors = gather_errors(&history->gather);
	code = ask_all(history, errors);
	if (history->err.code) {
		output_error(errors, "store", &history->err);
		code = err_exit_code(history->err.code);
	}
	/* What is not there cannot be waited for: a name may be a mistake. */
	if (!code || !listing_watches(cli)) {
		int printed = print_items(history, errors);

		code = printed ? printed : code;
		if (!code && !listing_watches(cli))
			code = gather_exit_code(&history->gather);
	}
	json_decref(errors);
	vec_release(&history->items);
	free(history->listed);
	arena_free(history->arena);
	return code;
}

bool verb_is_history(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(word, kinds[i].table->name) || str_eq(word, kinds[i].item_name))
			return true;
	return false;
}

int verb_get_history(struct cli *cli)
{
	struct history history = {.gather = {.cli = cli,
					  .cached = cli_option(cli, "cached") != NULL,
					  .details = cli_option(cli, "no-details") == NULL,
					  .parts = JOB_PARTS_ROW,
					  .wanted = app_wanted}};
	int code;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(cli->args[0], kinds[i].table->name) ||
			str_eq(cli->args[0], kinds[i].item_name)) {
			history.table = kinds[i].table;
			history.kind = kinds[i].kind;
		}
	code = run(&history, cli);
	gather_release(&history.gather);
	return code;
}
