/*
 * weir logs APP --run ID: what the commands of a run printed. Followed until the run is over; its
 * log is a file of whole, masked, harmless lines (store/journal/release.h), so it is only copied.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/logs.h"
#include "core/cli/output.h"
#include "core/query/query_release.h"

#define RUNS_LOOKED_AT 1000
#define FIRST_BYTES ((size_t)16 << 20)
#define PIECE_BYTES ((size_t)1 << 20)
#define EVERY_MS 300

struct run_log {
	struct session *session;
	const char *app, *word; /* word: a number, or "last" */
	int64_t id;             /* 0 = not found */
	char *row_log;          /* of its row */
	bool is_over;
	struct store *store;
	int64_t lines, told;
	bool is_first, is_back, got_more;
	struct err err;
};

static void back(struct run_log *log)
{
	log->is_back = true;
	loop_stop(log->session->loop);
}

static void wait_for_it(struct run_log *log)
{
	while (!log->is_back)
		loop_run(log->session->loop);
	log->is_back = false;
}

/* "name", "team/name", or a job id. */
static bool is_of(const struct run *run, const char *word)
{
	char *pair = xasprintf("%s/%s", run->team ? run->team : run->cluster, run->name);
	bool of = str_eq(word, run->name) || str_eq(word, pair) || str_eq(word, run->job_id);

	free(pair);
	return of;
}

static void on_runs(void *data, const struct run *const *list, size_t count, const struct err *err)
{
	struct run_log *log = data;
	int64_t wanted = log->id;

	if (err)
		log->err = *err;
	if (!wanted && !str_eq(log->word, "last"))
		str_to_int64(log->word, &wanted);
	for (size_t i = 0; i < count; i++) {
		if ((wanted && list[i]->id != wanted) || (!log->id && !is_of(list[i], log->app)))
			continue;
		log->id = list[i]->id;
		log->is_over = list[i]->is_orphan || run_state_is_end(list[i]->state) ||
			list[i]->ended_ms > 0;
		free(log->row_log);
		log->row_log = xstrdup_null(list[i]->log);
		break;
	}
	back(log);
}

static void look(struct run_log *log)
{
	query_runs(log->store, NULL, false, RUNS_LOOKED_AT, on_runs, log);
	wait_for_it(log);
}

static void on_text(void *data, const char *text, size_t len, int64_t size, const struct err *err)
{
	struct run_log *log = data;
	const char *from = text;

	if (err) {
		log->err = *err;
	} else {
		if (log->is_first)
			from = log_last_lines(text, len, log->lines);
		log->got_more = len > 0;
		log->told = log->is_first ? size : log->told + (int64_t)len;
		log->is_first = false;
		output_text(from, len - (size_t)(from - text), &log->err);
	}
	back(log);
}

static void read_more(struct run_log *log)
{
	query_run_log(log->store, log->id, log->is_first ? -1 : log->told,
		log->is_first ? FIRST_BYTES : PIECE_BYTES, on_text, log);
	wait_for_it(log);
}

static void on_timer(void *data)
{
	back(data);
}

static void follow(struct run_log *log)
{
	struct loop_timer *timer = loop_timer(log->session->loop, EVERY_MS, 0, on_timer, log);

	/* What was printed before it ended is there when it has ended: look first, then read. */
	while (!log->err.code && !ferror(stdout)) {
		bool was_over = log->is_over;

		read_more(log);
		if (log->got_more)
			continue;
		if (was_over)
			break;
		loop_timer_set(timer, EVERY_MS, 0);
		wait_for_it(log);
		look(log);
	}
	loop_timer_cancel(timer);
}

static int find(struct run_log *log)
{
	struct session *session = log->session;
	int64_t number;

	if (!str_eq(log->word, "last") && (!str_to_int64(log->word, &number) || number <= 0))
		return err_set(&log->err, E_ARG, _("--run takes the number of a run, or last"));
	for (size_t i = 0; i < session->context_count && !log->id && !log->err.code; i++) {
		log->store = session->contexts[i].store;
		look(log);
	}
	if (!log->err.code && !log->id)
		err_set(&log->err, E_NOTFOUND,
			str_eq(log->word, "last") ? _("no run of '%s' is known")
						  : _("no run of '%s' has the number %s"),
			log->app, log->word);
	return log->err.code;
}

int log_of_run(struct cli *cli, int64_t lines)
{
	struct run_log log = {.app = cli->args[0],
		.word = cli_option(cli, "run"),
		.lines = lines,
		.is_first = true};
	int code;

	if (session_open(&log.session, &cli->session, &log.err))
		return cli_fail(&log.err);
	if (find(&log) == 0) {
		if (cli_option(cli, "follow"))
			follow(&log);
		else
			read_more(&log);
		/* A run without commands has its own few lines. */
		if (!log.err.code && log.told == 0 && log.row_log)
			output_text(log.row_log, strlen(log.row_log), &log.err);
	}
	code = log.err.code ? cli_fail(&log.err) : 0;
	free(log.row_log);
	session_close(log.session);
	return code;
}
