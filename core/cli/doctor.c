/*
 * weir doctor [HOST|CLUSTER|FLINK-ENV…]: is everything that weir needs there, and as it should be?
 * Nothing is changed anywhere. Exit code: 0 when nothing failed (warnings are allowed), 3 the
 * configuration cannot be read, 4 no such host, cluster or Flink env, 5 a check failed.
 */
#include "core/cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/output.h"
#include "core/cli/prompter.h"
#include "core/cli/verbs.h"
#include "core/present/column.h"

#define DEADLINE_DEFAULT_MS 20000
#define TICK_MS 100

/* ---- subjects and what they say ---- */

struct subject *subject_new(struct doctor *doctor, const char *area,
	const struct session_context *context, const char *name)
{
	struct subject *subject = xcalloc(1, sizeof(*subject));

	*subject = (struct subject){.doctor = doctor,
		.area = area,
		.context = context,
		.name = arena_strdup(doctor->arena, name)};
	vec_push(&doctor->subjects, subject);
	return subject;
}

void subject_begin(struct subject *subject)
{
	subject->open++;
	subject->doctor->left++;
}

void subject_end(struct subject *subject)
{
	subject->open--;
	if (--subject->doctor->left == 0 && subject->doctor->session)
		loop_stop(subject->doctor->session->loop);
}

void subject_say(struct subject *subject, const char *check, enum finding_status status, int64_t ms,
	const char *cure, const char *fmt, ...)
{
	struct arena *arena = subject->doctor->arena;
	struct finding *finding = arena_alloc(arena, sizeof(*finding));
	struct buf text, clean;
	va_list ap;

	buf_init(&text, 0);
	buf_init(&clean, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	/* Foreign words are in it: one harmless line. */
	utf8_neutralise(&clean, buf_str(&text), text.len);
	*finding = (struct finding){
		.ref = arena_printf(arena, "%s/%s/%s", subject->area,
			subject->name ? subject->name : "", check),
		.context = subject->context ? subject->context->config->name : NULL,
		.area = subject->area,
		.name = subject->name,
		.check = check,
		.status = status,
		.found = arena_strdup(arena, buf_str(&clean)),
		.cure = arena_strdup(arena, cure),
		.ms = ms,
	};
	vec_push(&subject->findings, finding);
	buf_release(&text);
	buf_release(&clean);
}

bool doctor_wants(const struct doctor *doctor, const char *name)
{
	const struct cli *cli = doctor->gather.cli;

	for (size_t i = 0; i < cli->arg_count; i++)
		if (str_eq(cli->args[i], name))
			return true;
	return cli->arg_count == 0;
}

/* ---- until all have ended, or time is up ---- */

static void show_progress(const struct doctor *doctor)
{
	size_t ended = 0;
	const struct subject *waits = NULL;

	if (!doctor->shows_progress)
		return;
	for (size_t i = 0; i < doctor->subjects.len; i++) {
		const struct subject *subject = doctor->subjects.data[i];
		ended += !subject->open;
		if (subject->open && !waits)
			waits = subject;
	}
	fprintf(stderr, "\r\033[K");
	if (waits)
		fprintf(stderr, _("weir: %zu of %zu checked; waiting for %s %s"), ended,
			doctor->subjects.len, waits->area, waits->name ? waits->name : "");
	fflush(stderr);
}

/* Who types is not hurried: only the time of those who answer by themselves counts. */
static void on_tick(void *data)
{
	struct doctor *doctor = data;
	const struct session *session = doctor->session;

	if (session->prompter && prompter_is_asking(session->prompter))
		return;
	show_progress(doctor);
	doctor->left_ms -= TICK_MS;
	if (doctor->left_ms <= 0)
		loop_stop(session->loop);
}

static void wait_for_all(struct doctor *doctor)
{
	struct loop *loop = doctor->session->loop;
	struct loop_timer *timer = loop_timer(loop, TICK_MS, TICK_MS, on_tick, doctor);

	while (doctor->left && doctor->left_ms > 0)
		loop_run(loop);
	loop_timer_cancel(timer);
	for (size_t i = 0; i < doctor->subjects.len; i++) {
		struct subject *subject = doctor->subjects.data[i];
		if (subject->open)
			subject_say(subject, "deadline", FINDING_FAIL, -1,
				_("ask again with a longer --timeout; what does not answer at all "
				  "is "
				  "down, or behind a firewall"),
				_("not all of it answered in time"));
		if (subject->release)
			subject->release(subject);
	}
	if (doctor->shows_progress)
		fprintf(stderr, "\r\033[K");
}

/* ---- output ---- */

static void print_subject(struct buf *out, const struct subject *subject, bool with_context)
{
	buf_adds(out, subject->area);
	if (subject->name)
		buf_addf(out, " %s", subject->name);
	if (with_context && subject->context)
		buf_addf(out, " (%s)", subject->context->config->name);
	buf_addc(out, '\n');
	for (size_t i = 0; i < subject->findings.len; i++) {
		const struct finding *finding = subject->findings.data[i];
		buf_addf(out, "  %-4s  %-12s  %s", finding_status_words[finding->status],
			finding->check, finding->found);
		if (finding->ms >= 0)
			buf_addf(out, " (%lld ms)", (long long)finding->ms);
		buf_addc(out, '\n');
		if (finding->cure)
			buf_addf(out, "        %-12s  -> %s\n", "", finding->cure);
	}
}

static int print_text(const struct doctor *doctor, const size_t *counts, struct err *err)
{
	bool with_context = doctor->session && doctor->session->context_count > 1;
	struct buf out;
	int rc;

	buf_init(&out, 0);
	for (size_t i = 0; i < doctor->subjects.len; i++)
		if (doctor->subjects.data[i]->findings.len)
			print_subject(&out, doctor->subjects.data[i], with_context);
	buf_addf(&out, _("\nfailed: %zu, warnings: %zu, fine: %zu\n"), counts[FINDING_FAIL],
		counts[FINDING_WARN], counts[FINDING_OK]);
	rc = output_text(buf_str(&out), out.len, err);
	buf_release(&out);
	return rc;
}

static int print(const struct doctor *doctor, enum output_format format)
{
	VEC(const void *) items = {0};
	size_t counts[FINDING_STATUS_MAX] = {0};
	struct err err;
	int rc;

	for (size_t i = 0; i < doctor->subjects.len; i++) {
		const struct subject *subject = doctor->subjects.data[i];
		for (size_t k = 0; k < subject->findings.len; k++) {
			vec_push(&items, subject->findings.data[k]);
			counts[subject->findings.data[k]->status]++;
		}
	}
	if (format == OUT_TEXT) {
		rc = print_text(doctor, counts, &err);
	} else {
		struct output output =
			output_of(format, &finding_table, items.data, items.len, json_array());
		rc = output_items(&output, &err);
		json_decref(output.errors);
	}
	vec_release(&items);
	return rc                      ? cli_fail(&err)
		: !doctor->session     ? err_exit_code(E_CONFIG)
		: counts[FINDING_FAIL] ? err_exit_code(E_PARTIAL)
				       : 0;
}

/* ---- the verb ---- */

static int check_words(const struct doctor *doctor, struct err *err)
{
	const struct cli *cli = doctor->gather.cli;

	for (size_t i = 0; i < cli->arg_count; i++) {
		bool found = false;
		for (size_t k = 0; k < doctor->session->context_count; k++) {
			const struct context_config *config = doctor->session->contexts[k].config;
			for (size_t n = 0; n < config->host_count; n++)
				found |= str_eq(cli->args[i], config->hosts[n].name);
			for (size_t n = 0; n < config->cluster_count; n++)
				found |= str_eq(cli->args[i], config->clusters[n].name);
			for (size_t n = 0; n < config->flink_env_count; n++)
				found |= str_eq(cli->args[i], config->flink_envs[n].name);
		}
		if (!found)
			return err_set(err, E_NOTFOUND,
				_("there is no host, cluster or Flink env '%s' in this context"),
				cli->args[i]);
	}
	return 0;
}

static int examine(struct doctor *doctor, enum output_format format)
{
	const struct cli *cli = doctor->gather.cli;
	struct err err = {0}, config_err = {0};

	if (!gather_run(&doctor->gather, &config_err))
		doctor->session = doctor->gather.session;
	if (doctor->session && check_words(doctor, &err))
		return cli_fail(&err);
	doctor->left_ms =
		cli->session.timeout_ms > 0 ? cli->session.timeout_ms : DEADLINE_DEFAULT_MS;
	doctor->shows_progress = isatty(STDERR_FILENO);
	if (cli->arg_count == 0 || !doctor->session)
		doctor_local(doctor, config_err.code ? &config_err : NULL);
	for (size_t i = 0; doctor->session && i < doctor->session->context_count; i++) {
		const struct session_context *context = &doctor->session->contexts[i];
		doctor_hosts(doctor, context);
		doctor_clusters(doctor, context);
		doctor_envs(doctor, context);
		if (cli->arg_count == 0)
			doctor_tools(doctor, context);
	}
	if (doctor->session)
		wait_for_all(doctor);
	return print(doctor, format);
}

int verb_doctor(struct cli *cli)
{
	const char *word = cli_option(cli, "output");
	enum output_format format = word ? output_parse(word) : OUT_TEXT;
	struct doctor doctor = {.gather = {.cli = cli, .local_only = true}};
	struct err err;

	if (format == OUT_MAX || format == OUT_NAME) {
		err_set(&err, E_ARG, _("unknown format '%s': text, table, wide, json, yaml or csv"),
			word);
		return cli_fail(&err);
	}
	doctor.arena = arena_new();
	int rc = examine(&doctor, format);
	gather_release(&doctor.gather);
	for (size_t i = 0; i < doctor.subjects.len; i++) {
		vec_release(&doctor.subjects.data[i]->findings);
		free(doctor.subjects.data[i]);
	}
	vec_release(&doctor.subjects);
	arena_free(doctor.arena);
	return rc;
}
