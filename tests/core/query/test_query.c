/* Events as they are asked for: newest first, those on the disk and those still on their way. */
#include "core/query/query.h"
#include "core/store/store.h"
#include "tests/core/store/kit.h"

struct answer {
	struct kit kit;
	int calls, code;
	size_t count;
	struct event events[16];
	char text[256]; /* of the newest */
};

static void on_events(void *data, const struct event *events, size_t count, const struct err *err)
{
	struct answer *answer = data;

	answer->calls++;
	answer->code = err ? (int)err->code : 0;
	answer->count = count;
	for (size_t i = 0; i < count && i < ARRAY_SIZE(answer->events); i++)
		answer->events[i] = events[i];
	snprintf(answer->text, sizeof(answer->text), "%s",
		count && events[0].text ? events[0].text : "");
}

/* The ref of job 1 of cluster a, which is an application of its own. */
static char *job_ref(void)
{
	return ref_job(KIT_CONTEXT, "a", "00000000000000000000000000000001");
}

static void ask(struct answer *answer, size_t max)
{
	char *ref = job_ref();
	int before = answer->calls;

	query_events(answer->kit.store, ref, max, on_events, answer);
	check_int("not from inside", answer->calls, before);
	kit_idle(&answer->kit);
	check_int("once", answer->calls, before + 1);
	free(ref);
}

static void check_event(const struct event *event, enum app_state from, enum app_state to)
{
	check_str("from", app_state_name(event->from), app_state_name(from));
	check_str("to", app_state_name(event->to), app_state_name(to));
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
	assert_int_equal(answer->count, 2);
	check_event(&answer->events[1], STATE_RUNNING, STATE_UNREACHABLE);
	check_event(&answer->events[0], STATE_UNREACHABLE, STATE_FAILED);
	check_int("time", answer->events[0].time_ms, KIT_NOW + 5000);
	check_str("reason", answer->text, "IOException: token=****** refused");
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
	check_int("written", kit_count(dir, "cache.db", "event"), 2);
	ask(&answer, 10);
	check_life(&answer);
	kit_close(&answer.kit);
	/* And in the next life. */
	kit_open(&answer.kit, dir);
	ask(&answer, 10);
	check_life(&answer);
	kit_close(&answer.kit);
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
			kit_flush(kit); /* three on the disk, two on their way */
	}
	ask(&answer, 4);
	assert_int_equal(answer.count, 4);
	for (int i = 0; i < 4; i++)
		check_int("newest first", answer.events[i].time_ms, KIT_NOW + (5 - i) * 1000);
	ask(&answer, 1);
	check_int("one", (int64_t)answer.count, 1);
	ask(&answer, 0);
	check_int("zero", (int64_t)answer.count, 0);
	ask(&answer, SIZE_MAX);
	check_int("all", (int64_t)answer.count, 5);
	kit_close(kit);
	temp_dir_remove(dir);
}

static void query_canceled_is_silent(void **state)
{
	char *dir = temp_dir(), *ref = job_ref();
	struct answer answer = {0};

	(void)state;
	kit_open(&answer.kit, dir);
	query_cancel(query_events(answer.kit.store, ref, 10, on_events, &answer));
	query_cancel(NULL);
	kit_idle(&answer.kit);
	check_int("canceled", answer.calls, 0);
	/* The end of the store cancels what is left. */
	query_events(answer.kit.store, ref, 10, on_events, &answer);
	kit_close(&answer.kit);
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
	kit_close(&answer.kit);
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
