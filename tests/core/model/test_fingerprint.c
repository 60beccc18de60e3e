/* Which stack traces are the same failure. */
#include <string.h>

#include "core/base/mem.h"
#include "core/model/fingerprint.h"
#include "tests/support/check.h"

#define HEAD "java.lang.RuntimeException: artificial failure of event 12\n"
#define FRAME "\tat com.example.Fail.map(Fail.java:31) ~[job-1.4.jar:?]\n"
#define CAUSE "Caused by: java.io.IOException: no space\n\tat sun.nio.ch.Net.write(Net.java:9)\n"

static void fingerprint_leaves_out_what_varies(void **state)
{
	static const struct {
		const char *name, *left, *right;
		bool is_same;
	} rows[] = {
		{"itself", HEAD FRAME, HEAD FRAME, true},
		{"message", HEAD FRAME,
			"java.lang.RuntimeException: event 13 at 10.0.0.7:4411\n" FRAME, true},
		{"line and jar", HEAD FRAME,
			HEAD "\tat com.example.Fail.map(Fail.java:44) ~[job-1.5.jar:?]\n", true},
		{"class", HEAD FRAME, "java.lang.Error: artificial failure\n" FRAME, false},
		{"method", HEAD FRAME, HEAD "\tat com.example.Fail.filter(Fail.java:31)\n", false},
		{"one more frame", HEAD FRAME, HEAD FRAME "\tat com.example.Main.main(M.java:1)\n",
			false},
		{"cause", HEAD FRAME, HEAD FRAME CAUSE, false},
		{"cause's words", HEAD FRAME CAUSE,
			HEAD FRAME "Caused by: java.io.IOException: disk 7\n\tat "
				   "sun.nio.ch.Net.write(Net.java:10)\n",
			true},
		{"how many more", HEAD FRAME "\t... 12 more\n", HEAD FRAME "\t... 14 more\n", true},
		{"lambda", HEAD "\tat a.Job$$Lambda$14/0x00007f2c.run(Unknown Source)\n",
			HEAD "\tat a.Job$$Lambda$993/0x0000a1b2.run(Unknown Source)\n", true},
		{"accessor",
			HEAD "\tat jdk.internal.reflect.GeneratedMethodAccessor7.invoke(Unknown)\n",
			HEAD
			"\tat jdk.internal.reflect.GeneratedMethodAccessor31.invoke(Unknown)\n",
			true},
		{"module", HEAD "\tat java.base/java.lang.Thread.run(Thread.java:829)\n",
			HEAD "\tat java.lang.Thread.run(Thread.java:750)\n", true},
		{"message of two lines", HEAD "it said: 7\n" FRAME, HEAD "it said: 8\n" FRAME,
			true},
		{"line ends", HEAD FRAME,
			"java.lang.RuntimeException: artificial failure of event 12\r\n"
			"\tat com.example.Fail.map(Fail.java:31)\r\n",
			true},
		{"no frames, ids", "Heartbeat of TaskManager with id 10.0.0.1:41-ab3 timed out.",
			"Heartbeat of TaskManager with id 10.0.0.2:99-cd7 timed out.", true},
		{"no frames, words", "Heartbeat of TaskManager timed out.",
			"TaskManager has been released.", false},
		{"nothing", "", HEAD, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[FINGERPRINT_LEN + 1], right[FINGERPRINT_LEN + 1];

		fingerprint(rows[i].left, left);
		fingerprint(rows[i].right, right);
		check_int(rows[i].name, (int64_t)strspn(left, "0123456789abcdef"), FINGERPRINT_LEN);
		check_bool(rows[i].name, strcmp(left, right) == 0, rows[i].is_same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fingerprint_leaves_out_what_varies),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
