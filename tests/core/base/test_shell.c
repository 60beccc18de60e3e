/* A quoted word is that word to a real sh, whatever is in it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

static const struct {
	const char *name, *word, *quoted;
} rows[] = {
	{"safe", "/opt/flink-1.20/bin/flink", "/opt/flink-1.20/bin/flink"},
	{"empty", "", "''"},
	{"blank", "a b", "'a b'"},
	{"quote", "it's", "'it'\\''s'"},
	{"only quotes", "''", "''\\'''\\'''"},
	{"expansion", "$HOME `id` $(id) \\ \" ! * ? [x] {a,b}", NULL},
	{"ends", "; rm -rf x & | < > ( ) #", NULL},
	{"home", "~root", "'~root'"},
	{"assignment", "FOO=1", "'FOO=1'"},
	{"lines", "a\nb\r\tc\n", NULL},
	{"bytes", "\x01\x7f\xff\xe8\xae\xa2", NULL},
	{"option", "-n", "-n"},
};

static void a_word_is_the_same_word_to_sh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf line;
		struct program *p;
		char *want = xasprintf("<%s>", rows[i].word);

		buf_init(&line, 0);
		buf_adds(&line, "printf '<%s>' ");
		sh_quote(&line, rows[i].word);
		if (rows[i].quoted)
			check_str(
				rows[i].name, line.data + strlen("printf '<%s>' "), rows[i].quoted);
		p = program_run(&(struct program_setup){
			.file = "sh", .words = (const char *[]){"-c", line.data, NULL}});
		check_str(rows[i].name, buf_str(&p->out), want);
		program_free(p);
		buf_release(&line);
		free(want);
	}
}

static void words_are_parted_by_blanks(void **state)
{
	static const char *const words[] = {"ls", "-l", "--", "a b"};
	struct buf line;

	(void)state;
	buf_init(&line, 0);
	sh_quote_words(&line, words, ARRAY_SIZE(words));
	check_str("words", buf_str(&line), "ls -l -- 'a b'");
	buf_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_the_same_word_to_sh),
		cmocka_unit_test(words_are_parted_by_blanks),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
