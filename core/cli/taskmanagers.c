/* weir get taskmanagers CLUSTER…: who they are, and what each says of its JVM, asked now. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/cli/gather.h"
#include "core/cli/get_again.h"
#include "core/cli/listing.h"
#include "core/cli/output.h"
#include "core/cli/prompter.h"
#include "core/cli/verbs.h"
#include "core/watch/taskmanagers.h"

#define DEADLINE_DEFAULT_MS 20000
#define TICK_MS 100

struct asked {
	struct gather gather;
	VEC(struct source *) sources;
	struct taskmanagers **of; /* of each source */
	VEC(const void *) items;  /* those that are listed */
	int64_t left_ms;
	bool list_only;
};

/* -- which clusters -- */

static void add_sources(struct asked *asked, const char *name)
{
	const struct session *session = asked->gather.session;

	for (size_t i = 0; i < session->context_count; i++)
		for (size_t k = 0; k < session->contexts[i].cluster_count; k++)
			if (!name || str_eq(session->contexts[i].clusters[k]->name, name))
				vec_push(&asked->sources, session->contexts[i].clusters[k]);
}

static int no_such_cluster(struct asked *asked, const char *name, struct err *err)
{
	VEC(const char *) names = {0};
	const char *near;
	size_t i;

	add_sources(asked, NULL);
	for (i = 0; i < asked->sources.len; i++)
		vec_push(&names, asked->sources.data[i]->name);
	near = str_suggest(name, names.data, names.len);
	if (near)
		err_set(err, E_NOTFOUND, _("there is no cluster '%s'; did you mean '%s'?"), name,
			near);
	else
		err_set(err, E_NOTFOUND, _("there is no cluster '%s'"), name);
	vec_release(&names);
	return E_NOTFOUND;
}

static int find_sources(struct asked *asked, struct err *err)
{
	const struct cli *cli = asked->gather.cli;

	for (size_t i = 1; i < cli->arg_count; i++) {
		size_t before = asked->sources.len;

		add_sources(asked, cli->args[i]);
		if (asked->sources.len == before)
			return no_such_cluster(asked, cli->args[i], err);
	}
	if (cli->arg_count > 1)
		return 0;
	add_sources(asked, NULL);
	if (asked->sources.len > 1)
		return err_set(err, E_ARG, _("of which cluster? weir get taskmanagers %s"),
			asked->sources.data[0]->name);
	return 0;
}

/* -- asking -- */

static bool are_told(const struct asked *asked)
{
	for (size_t i = 0; i < asked->sources.len; i++)
		if (!taskmanagers_are_told(asked->of[i]))
			return false;
	return true;
}

static void on_changed(void *data)
{
	struct asked *asked = data;

	if (are_told(asked))
		loop_stop(asked->gather.session->loop);
}

/* is_again: also those that were told once. */
static void look(struct asked *asked, bool is_again)
{
	for (size_t i = 0; i < asked->sources.len; i++)
		if (is_again || !taskmanagers_are_told(asked->of[i]))
			taskmanagers_look(asked->of[i]);
}

/* Who types is not hurried: only the time of those who answer by themselves counts. */
static void on_tick(void *data)
{
	struct asked *asked = data;
	const struct session *session = asked->gather.session;

	look(asked, false);
	if (session->prompter && prompter_is_asking(session->prompter))
		return;
	asked->left_ms -= TICK_MS;
	if (asked->left_ms <= 0)
		loop_stop(session->loop);
}

static void ask(struct asked *asked)
{
	const struct session *session = asked->gather.session;
	int64_t limit = asked->gather.cli->session.timeout_ms;
	struct loop_timer *timer;

	asked->of = xcalloc(asked->sources.len + 1, sizeof(struct taskmanagers *));
	for (size_t i = 0; i < asked->sources.len; i++)
		asked->of[i] = taskmanagers_new(
			&(struct taskmanagers_options){.source = asked->sources.data[i],
				.fleet = session->fleet,
				.list_only = asked->list_only,
				.changed = on_changed,
				.data = asked});
	asked->left_ms = limit > 0 ? limit : DEADLINE_DEFAULT_MS;
	look(asked, false);
	timer = loop_timer(session->loop, TICK_MS, TICK_MS, on_tick, asked);
	while (!are_told(asked) && asked->left_ms > 0)
		loop_run(session->loop);
	loop_timer_cancel(timer);
}

/* -- what came -- */

/* Borrowed until the next turn of the loop. */
static struct output listed(struct asked *asked, enum output_format format, json_t *errors)
{
	asked->items.len = 0;
	for (size_t i = 0; i < asked->sources.len; i++) {
		size_t count;
		const struct taskmanager_item *const *found =
			taskmanagers_items(asked->of[i], &count);

		for (size_t k = 0; k < count; k++)
			if (listing_passes(asked->gather.cli, found[k]))
				vec_push(&asked->items, found[k]);
	}
	return listing_output(asked->gather.cli, format, &taskmanager_table, asked->items.data,
		asked->items.len, errors);
}

/* What came since the last time; asked for is what is due. */
static int ask_again(void *data, struct output *out, struct err *err)
{
	struct asked *asked = data;

	look(asked, true);
	*out = listed(asked, OUT_TABLE, NULL);
	for (size_t i = 0; i < asked->sources.len; i++) {
		const struct err *why = taskmanagers_error(asked->of[i]);

		if (why->code)
			return err_set(
				err, why->code, "%s: %s", asked->sources.data[i]->name, why->text);
	}
	return 0;
}

static void id_of(const void *item, struct buf *out)
{
	buf_adds(out, column_ref(item));
}

static int print(struct asked *asked, enum output_format format, json_t *errors)
{
	struct output output = listed(asked, format, errors);

	return get_again(&(struct get_again){.cli = asked->gather.cli,
		.session = asked->gather.session,
		.first = &output,
		.ask = ask_again,
		.id = id_of,
		.data = asked});
}

/* Who did not answer goes to the errors; the exit code says how many did. */
static int tell_silent(struct asked *asked, json_t *errors)
{
	size_t silent = 0;
	enum err_code code = 0;

	for (size_t i = 0; i < asked->sources.len; i++) {
		struct err why = *taskmanagers_error(asked->of[i]);

		if (!why.code && !taskmanagers_changes(asked->of[i]))
			err_set(&why, E_TIMEOUT, _("no answer in time (--timeout)"));
		if (!why.code)
			continue;
		output_error(errors, asked->sources.data[i]->name, &why);
		code = why.code;
		silent++;
	}
	return !silent ? 0 : err_exit_code(silent == asked->sources.len ? code : E_PARTIAL);
}

static int run(struct asked *asked, enum output_format format)
{
	struct err err;
	json_t *errors;
	int code, rc;

	if (gather_run(&asked->gather, &err) || find_sources(asked, &err))
		return cli_fail(&err);
	ask(asked);
	errors = gather_errors(&asked->gather);
	code = tell_silent(asked, errors);
	rc = print(asked, format, errors);
	json_decref(errors);
	return rc ? rc : code;
}

int verb_get_taskmanagers(struct cli *cli)
{
	struct asked asked = {.gather = {.cli = cli, .local_only = true}};
	enum output_format format;
	struct err err;
	int rc;

	if (cli_option(cli, "cached")) {
		err_set(&err, E_UNSUPPORTED,
			_("TaskManagers are not remembered: ask without --cached"));
		return cli_fail(&err);
	}
	if (listing_read(cli, &taskmanager_table, true, &format, &err))
		return cli_fail(&err);
	asked.list_only = cli_option(cli, "no-details") != NULL;
	rc = run(&asked, format);
	for (size_t i = 0; asked.of && i < asked.sources.len; i++)
		taskmanagers_free(asked.of[i]);
	free(asked.of);
	vec_release(&asked.sources);
	vec_release(&asked.items);
	gather_release(&asked.gather);
	return rc;
}
