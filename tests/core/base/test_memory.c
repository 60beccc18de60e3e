/* mem, arena, vec and map: what holds everything else. */
#include "tests/support/check.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/vec.h"

static void mem_copies_text(void **state)
{
	char raw[3] = {'a', 'b', 'c'}; /* no NUL behind */

	(void)state;
	assert_null(xstrdup_null(NULL));
	char *a = xstrdup_null("x"), *b = xstrndup(raw, 3), *c = xstrndup("ab", 9);
	char *d = xasprintf("%d %s", 1, "y"), *e = xcalloc(0, 8), *f = xmalloc(0);
	assert_string_equal(a, "x");
	assert_string_equal(b, "abc");
	assert_string_equal(c, "ab");
	assert_string_equal(d, "1 y");
	assert_non_null(e);
	assert_non_null(f);
	mem_wipe(b, 3);
	assert_memory_equal(b, "\0\0\0", 3);
	mem_wipe(NULL, 0);
	free(a), free(b), free(c), free(d), free(e), free(f);
}

/* The signal that ends a child which asks for the impossible. */
static int signal_of(void (*ask)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		ask();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : WTERMSIG(status);
}

static void ask_vec(void)
{
	VEC(int64_t) v = {0};
	vec_reserve(&v, SIZE_MAX / 4);
}

static void ask_arena(void)
{
	(void)arena_calloc(arena_new(), SIZE_MAX / 2, 4);
}

static void memory_that_is_not_there_ends_the_program(void **state)
{
	(void)state;
	/* The sanitizers end it themselves, with an exit code. */
	assert_int_not_equal(signal_of(ask_vec), 0);
	assert_int_not_equal(signal_of(ask_arena), 0);
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t size = 0; size < 20000; size = size * 3 / 2 + 1) {
		unsigned char *ptr = arena_alloc(arena, size);
		assert_int_equal((uintptr_t)ptr % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(ptr[i], 0);
		memset(ptr, 0xAA, size);
	}
	arena_free(arena);
	arena_free(NULL);
}

static void arena_keeps_what_it_gave(void **state)
{
	struct arena *arena = arena_new();
	char *texts[3000];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		texts[i] = arena_printf(arena, "job-%d", i);
		if (i % 500 == 0)
			memset(arena_alloc(arena, 300000), 0x55, 300000);
	}
	for (int i = 0; i < 3000; i++) {
		char want[16];
		snprintf(want, sizeof(want), "job-%d", i);
		assert_string_equal(texts[i], want);
	}
	/* Large pieces do not throw the room of the open block away. */
	assert_true(arena_bytes(arena) < 6 * 300000 + 3000 * 32 + (512 << 10));
	arena_free(arena);
}

static void an_arena_lives_as_long_as_who_shares_it(void **state)
{
	struct arena *arena = arena_new(), *again = arena_new(), *other = arena_new();
	const char *text = arena_strdup(other, "abc");

	(void)state;
	arena_share(arena, other);
	arena_share(again, other);
	arena_free(other);
	arena_free(arena);
	assert_string_equal(text, "abc"); /* the sanitisers watch this line */
	arena_free(again);
}

static void arena_copies_text(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_null(arena_strdup(arena, NULL));
	assert_string_equal(arena_strdup(arena, "abc"), "abc");
	assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(arena, "ab", 3), "ab");
	arena_free(arena);
}

static void vec_grows_and_walks(void **state)
{
	VEC(int) v = {0};
	int *it, sum = 0;

	(void)state;
	vec_each (it, &v)
		fail();
	for (int i = 0; i < 1000; i++)
		vec_push(&v, i);
	vec_each (it, &v)
		sum += *it;
	assert_int_equal(v.len, 1000);
	assert_int_equal(sum, 999 * 1000 / 2);
	v.len = 10;
	vec_fit(&v);
	assert_int_equal(v.alloc, 10);
	vec_push(&v, 7);
	assert_int_equal(v.data[9] + v.data[10], 9 + 7);
	v.len = 0;
	vec_fit(&v);
	assert_null(v.data);
	for (int i = 0; i < 1000; i++)
		vec_push(&v, i);
	vec_release(&v);
	assert_null(v.data);
	assert_int_equal(v.len + v.alloc, 0);
}

static void map_puts_gets_and_deletes(void **state)
{
	struct map *map = map_new();
	int one = 1, two = 2;
	char key[] = "key";

	(void)state;
	assert_null(map_get(map, "key"));
	assert_null(map_del(map, "key"));
	assert_null(map_put(map, key, &one));
	key[0] = 'x'; /* the map has a copy */
	assert_ptr_equal(map_get(map, "key"), &one);
	assert_ptr_equal(map_put(map, "key", &two), &one);
	assert_int_equal(map_count(map), 1);
	assert_null(map_put(map, "", &one));
	assert_ptr_equal(map_get(map, ""), &one);
	assert_ptr_equal(map_del(map, "key"), &two);
	assert_null(map_get(map, "key"));
	assert_int_equal(map_count(map), 1);
	map_free(map);
	map_free(NULL);
}

static void map_keeps_the_order_of_insertion(void **state)
{
	struct map *map = map_new();
	static int values[5000];
	char key[16];
	int next = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "%d", i * 7919 % 5003);
		values[i] = i;
		assert_null(map_put(map, key, &values[i]));
	}
	/* Every third goes while walking. */
	map_each (entry, map) {
		assert_int_equal(*(int *)map_value(entry), next);
		snprintf(key, sizeof(key), "%d", next * 7919 % 5003);
		assert_string_equal(map_key(entry), key);
		if (next % 3 == 0)
			assert_ptr_equal(map_del(map, key), &values[next]);
		next++;
	}
	assert_int_equal(next, 5000);
	assert_int_equal(map_count(map), 5000 - 1667);
	next = 1;
	map_each (entry, map) {
		assert_int_equal(*(int *)map_value(entry), next);
		next += next % 3 == 2 ? 2 : 1;
	}
	map_free(map);
}

#define KEYS 400

/* Against a plain table of what should be there, and in which order. */
static void map_is_what_was_put_and_not_deleted(void **state)
{
	static char keys[KEYS][24];
	struct map *maps[] = {map_new(), map_new_of_borrowed()};
	int put[KEYS] = {0}, moves = 0; /* when it was put; 0 = it is not there */
	uint32_t seed = 7;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < KEYS; i++)
		snprintf(keys[i], sizeof(keys[i]), "%.*s%d", i % 19, "a-long-beginning-of", i);
	while (++moves <= 40000) {
		seed = seed * 1664525 + 1013904223;
		int i = (int)(seed >> 8) % KEYS;
		/* Now it grows, now it shrinks. */
		bool is_put = (int)(seed >> 20) % 16 < (moves / 4000 % 2 ? 4 : 12);
		for (int m = 0; m < 2; m++) {
			void *former = put[i] ? &keys[i] : NULL;
			assert_ptr_equal(map_get(maps[m], keys[i]), former);
			if (is_put)
				assert_ptr_equal(map_put(maps[m], keys[i], &keys[i]), former);
			else
				assert_ptr_equal(map_del(maps[m], keys[i]), former);
			assert_ptr_equal(map_get(maps[m], keys[i]), is_put ? &keys[i] : NULL);
		}
		if (is_put == !put[i])
			count += is_put ? 1 : (size_t)-1;
		put[i] = !is_put ? 0 : put[i] ? put[i] : moves;
		if (moves % 1000)
			continue;
		for (int m = 0; m < 2; m++) {
			size_t walked = 0;
			int last = 0;
			assert_int_equal(map_count(maps[m]), count);
			map_each (entry, maps[m]) {
				char(*key)[24] = map_value(entry);
				assert_string_equal(map_key(entry), *key);
				assert_true(put[key - keys] > last);
				last = put[key - keys];
				walked++;
			}
			assert_int_equal(walked, count);
		}
	}
	map_free(maps[0]);
	map_free(maps[1]);
}

static void a_borrowed_key_goes_with_its_value(void **state)
{
	struct map *map = map_new_of_borrowed();
	char *first = xstrdup("key"), *second = xstrdup("key");

	(void)state;
	map_put(map, first, first);
	assert_ptr_equal(map_put(map, second, second), first);
	free(first);
	assert_ptr_equal(map_key(map_first(map)), second);
	assert_ptr_equal(map_get(map, "key"), second);
	assert_ptr_equal(map_del(map, second), second);
	free(second);
	assert_null(map_first(map));
	map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mem_copies_text),
		cmocka_unit_test(memory_that_is_not_there_ends_the_program),
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_keeps_what_it_gave),
		cmocka_unit_test(an_arena_lives_as_long_as_who_shares_it),
		cmocka_unit_test(arena_copies_text),
		cmocka_unit_test(vec_grows_and_walks),
		cmocka_unit_test(map_puts_gets_and_deletes),
		cmocka_unit_test(map_keeps_the_order_of_insertion),
		cmocka_unit_test(map_is_what_was_put_and_not_deleted),
		cmocka_unit_test(a_borrowed_key_goes_with_its_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
