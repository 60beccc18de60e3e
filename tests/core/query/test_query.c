/* Events as they are asked for: newest first, those on the disk and those still on their way. */
#include "core/base/arena.h"
#include "core/query/query_history.h"
#include "core/store/store.h"
#include "tests/core/store/kit.h"

struct answer {
	struct kit kit;
	int calls, code;
	size_t count;
	struct arena *arena; /* of the events */
	const struct event *events[16];
};

static void on_events(void *data, const void *const *items, size_t count, const struct err *err)
{
	struct answer *answer = data;

	answer->calls++;
	answer->code = err ? (int)err->code : 0;
	answer->count = count;
	arena_free(answer->arena);
	answer->arena = arena_new();
	for (size_t i = 0; i < count && i < ARRAY_SIZE(answer->events); i++)
		answer->events[i] = history_copy(answer->arena, HISTORY_EVENTS, items[i]);
}

/* The ref of job 1 of cluster a, which is an application of its own. */
static char *job_ref(void)
{
	return ref_job(KIT_CONTEXT, "a", "00000000000000000000000000000001");
}

static void ask_for(struct answer *answer, struct history_ask ask)
{
	char *ref = job_ref();
	int before = answer->calls;

	ask.refs[0] = ref;
	ask.ref_count = 1;
	query_history(answer->kit.store, HISTORY_EVENTS, &ask, on_events, answer);
	check_int("not from inside", answer->calls, before);
	kit_idle(&answer->kit);
	check_int("once", answer->calls, before + 1);
	free(ref);
}

static void ask(struct answer *answer, size_t max)
{
	ask_for(answer, (struct history_ask){.max = max});
}

static void done(struct answer *answer)
{
	kit_close(&answer->kit);
	arena_free(answer->arena);
	answer->arena = NULL;
}

static void check_event(
	const struct event *event, enum event_kind kind, enum app_state from, enum app_state to)
{
	check_str("kind", event->kind, event_kind_words[kind]);
	check_str("from", event->from, kind == EVENT_STATE ? app_state_name(from) : NULL);
	check_str("to", event->to, app_state_name(to));
}

/* RUNNING → UNREACHABLE → FAILED, each an answer of its own. */
static void live_a_life(struct answer *answer)
{
	struct kit *kit = &answer->kit;

	kit_apply(kit, kit_answer("a", KIT_NOW, 1, 1, JOB_RUNNING));
	for (int i = 1; i <= 3; i++)
		kit_apply(kit, kit_failure("a", KIT_NOW + i * 1000, "http://a:8081: refused"));
	kit_apply(kit, kit_detail("a", KIT_NOW + 4000, 1, 0, "IOException: token=hunter2 refused"));
	kit_apply(kit, kit_answer("a", KIT_NOW + 5000, 1, 1, JOB_FAILED));
}

static void check_life(const struct answer *answer)
{
	check_int("code", answer->code, 0);
	assert_int_equal(answer->count, 3);
	check_event(answer->events[2], EVENT_FIRST_SEEN, STATE_MAX, STATE_RUNNING);
	check_int("first sight", answer->events[2]->time_ms, KIT_NOW);
	check_event(answer->events[1], EVENT_STATE, STATE_RUNNING, STATE_UNREACHABLE);
	check_str("reason", answer->events[1]->text, "http://a:8081: refused");
	check_event(answer->events[0], EVENT_STATE, STATE_UNREACHABLE, STATE_FAILED);
	check_int("time", answer->events[0]->time_ms, KIT_NOW + 5000);
	check_str("reason", answer->events[0]->text, "IOException: token=****** refused");
	check_str("job", answer->events[0]->job_id, "00000000000000000000000000000001");
}

static void query_events_before_and_after_writing(void **state)
{
	char *dir = temp_dir();
	struct answer answer = {0};

	(void)state;
	kit_open(&answer.kit, dir);
	ask(&answer, 10);
	check_int("none", (int64_t)answer.count, 0);
	check_int("no error", answer.code, 0);
	live_a_life(&answer);
	ask(&answer, 10);
	check_life(&answer);
	check_int("not written", kit_count(dir, "cache.db", "event"), 0);
	/* While the batch is on the lane, too: it is neither missing nor there twice. */
	store_flush(answer.kit.store);
	ask(&answer, 10);
	check_life(&answer);
	kit_flush(&answer.kit);
	check_int("written", kit_count(dir, "cache.db", "event"), 3);
	ask(&answer, 10);
	check_life(&answer);
	done(&answer);
	/* And in the next life. */
	kit_open(&answer.kit, dir);
	ask(&answer, 10);
	check_life(&answer);
	done(&answer);
	temp_dir_remove(dir);
}

static void query_events_at_most(void **state)
{
	char *dir = temp_dir();
	struct answer answer = {0};
	struct kit *kit = &answer.kit;

	(void)state;
	kit_open(kit, dir);
	for (int i = 0; i < 6; i++) {
		enum job_status status = i % 2 ? JOB_FAILED : JOB_RUNNING;
		kit_apply(kit, kit_answer("a", KIT_NOW + i * 1000, 1, 1, status));
		if (i == 3)
			kit_flush(kit); /* four on the disk, two on their way */
	}
	ask(&answer, 4);
	assert_int_equal(answer.count, 4);
	for (int i = 0; i < 4; i++)
		check_int("newest first", answer.events[i]->time_ms, KIT_NOW + (5 - i) * 1000);
	ask(&answer, 1);
	check_int("one", (int64_t)answer.count, 1);
	ask(&answer, 0);
	check_int("zero", (int64_t)answer.count, 0);
	ask(&answer, SIZE_MAX);
	check_int("all", (int64_t)answer.count, 6);
	/* Page by page, and of a time. */
	ask_for(&answer, (struct history_ask){.max = 2, .until_ms = KIT_NOW + 4000});
	assert_int_equal(answer.count, 2);
	check_int("the page behind", answer.events[0]->time_ms, KIT_NOW + 3000);
	check_int("the page behind", answer.events[1]->time_ms, KIT_NOW + 2000);
	ask_for(&answer, (struct history_ask){.max = 9, .since_ms = KIT_NOW + 4000});
	check_int("since", (int64_t)answer.count, 2);
	done(&answer);
	temp_dir_remove(dir);
}

static void query_canceled_is_silent(void **state)
{
	char *dir = temp_dir(), *ref = job_ref();
	struct answer answer = {0};

	(void)state;
	kit_open(&answer.kit, dir);
	struct history_ask ask = {.refs = {ref}, .ref_count = 1, .max = 10};
	query_cancel(query_history(answer.kit.store, HISTORY_EVENTS, &ask, on_events, &answer));
	query_cancel(NULL);
	kit_idle(&answer.kit);
	check_int("canceled", answer.calls, 0);
	/* The end of the store cancels what is left. */
	query_history(answer.kit.store, HISTORY_EVENTS, &ask, on_events, &answer);
	done(&answer);
	check_int("closed", answer.calls, 0);
	free(ref);
	temp_dir_remove(dir);
}

static void query_without_a_file(void **state)
{
	char *top = temp_dir(), *file = temp_path(top, "file"), *dir = temp_path(top, "file/prod");
	struct answer answer = {0};

	(void)state;
	temp_file(file, "x");
	kit_open(&answer.kit, dir);
	ask(&answer, 10);
	assert_true(answer.code < 0);
	live_a_life(&answer);
	kit_flush(&answer.kit);
	ask(&answer, 10);
	check_life(&answer);
	done(&answer);
	free(file);
	free(dir);
	temp_dir_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_events_before_and_after_writing),
		cmocka_unit_test(query_events_at_most),
		cmocka_unit_test(query_canceled_is_silent),
		cmocka_unit_test(query_without_a_file),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
