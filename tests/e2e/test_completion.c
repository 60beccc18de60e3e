/* The scripts, run by a real bash, zsh and fish: what Tab offers behind a line of words. */
#include <stdlib.h>
#include <string.h>

#include "core/action/command.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

/* The words of a line as readline hands them to `complete -F`, then what was offered. */
static const char driver[] =
	"set -u; weir=$1 config=$2; shift 2\n"
	"source <(\"$weir\" completion bash) || exit 9\n"
	"[[ $(complete -p weir) == 'complete -F _weir weir' ]] || exit 8\n"
	"COMP_WORDS=(\"$weir\" --config \"$config\" \"$@\")\n"
	"COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
	"_weir\n"
	"for word in ${COMPREPLY[@]+\"${COMPREPLY[@]}\"}; do echo \"<$word>\"; done\n";

static struct bench *bench;
static char *config;

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct program *tab(const char *line)
{
	const char *words[24] = {"-c", driver, "bash", program_path(), config};
	char *copy = xstrdup(line), *rest = copy, *word;
	size_t count = 5;
	struct program *p;

	while ((word = strsep(&rest, " "))) {
		words[count++] = word;
		/* A space within a word. */
		for (char *tilde = word; (tilde = strchr(tilde, '~'));)
			*tilde = ' ';
	}
	p = program_run(
		&(struct program_setup){.file = "bash", .home = bench->home, .words = words});
	free(copy);
	return p;
}

static void every_word_is_offered_where_it_may_stand(void **state)
{
	static const struct {
		const char *line, *has, *has_not;
	} rows[] = {
		{"", "<restart>\n", "<--config>"},
		{"re", "<release>\n<restart>\n", "<stop>"},
		{"get ", "<apps>\n<clusters>\n", "<ods/orders>"},
		{"get a", "<apps>\n", "<clusters>"},
		{"get apps ", "<ods/orders>\n", "<apps>"},
		{"get clusters s", "<sessions>\n", "<ods/orders>"},
		{"get apps --team ", "<ods>\n", "<sessions>"},
		{"get apps -o ", "<table>\n<wide>\n<json>\n", "<text>"},
		{"get apps --output = j", "<json>\n", "<table>"},
		{"get apps --output =", "<json>\n", "<ods/orders>"},
		{"get --cached ", "<apps>\n", "<ods/orders>"},
		{"get --no", "<--no-details>\n<--no-color>\n", "<--no>"},
		{"stop ", "<sessions/State\\ machine\\ job>\n", "<sessions>"},
		{"stop ods/o", "<ods/orders>\n", "<sessions"},
		{"stop sessions/State\\~m", "<sessions/State\\ machine\\ job>\n", "<ods"},
		{"stop ord", "<ods/orders>\n<sessions/orders\\ pipeline>\n", "<sessions/fails"},
		{"stop --", "<--drain>\n", "<ods/orders>"},
		{"stop --drain ", "<ods/orders>\n", "<--drain>"},
		{"--timeout 3 stop o", "<ods/orders>\n", "<open>"},
		{"stop ods/orders ", "", "<"},
		{"get taskmanagers ", "<sessions>\n", "<ods/orders>"},
		{"get job ord", "<sessions/orders\\ pipeline>\n", "<ods/orders>"},
		{"get teams ", "<ods>\n", "<ods/orders>"},
		{"get checkpoints ", "<ods/orders>\n", "<sessions>"},
		{"get flink-envs ", "", "<"},
		{"start x --restore-mode ", "<no-claim>\n<claim>\n<legacy>\n", "<default"},
		{"new --type ", "<jar>\n<sql>\n<pyflink>\n", "<(default)>"},
		{"new a/b --cluster ", "<sessions>\n", "<ods"},
		{"logs --list -o ", "<table>\n<json>\n<yaml>\n", "<of>"},
		{"describe ", "<app>\n", "<ods/orders>"},
		{"describe app ", "<ods/orders>\n", "<app>"},
		{"config ", "<view>\n<check>\n<path>\n<contexts>\n", "<[>"},
		{"get apps --columns st", "<state>\n", "<name>"},
		{"get app --columns name,st", "<name,state>\n", "<name,name>"},
		{"get runs --columns ", "<verb>\n", "<restarts>"},
		{"get clusters --sort-by la", "<latencyMs>\n", "<name>"},
		{"get --columns ", "", "<"},
		{"--context ", "<test>\n<other>\n", "<all"},
		{"get apps --wa", "<--watch>\n", "<--filter>"},
		{"--lang ", "<en>\n<zh_CN>\n", "<or>"},
		{"help sh", "<ship>\n", "<start>"},
		{"completion ", "<bash>\n<zsh>\n<fish>\n", "<help>"},
		{"no-such-verb ", "", "<"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program *p = tab(rows[i].line);

		check_int(rows[i].line, p->exit_code, 0);
		check_str(rows[i].line, buf_str(&p->err), "");
		check_has(rows[i].line, buf_str(&p->out), rows[i].has);
		check_bool(rows[i].line, strstr(buf_str(&p->out), rows[i].has_not) != NULL, false);
		program_free(p);
	}
}

static void each_shell_gets_each_command(void **state)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		char *words = xasprintf("completion %s", shells[i]);
		struct program *p = bench_run(bench, words);

		bench_check(words, p, 0, NULL);
		for (size_t k = 0; k < CMD_MAX; k++)
			if (commands[k].where & ON_CLI)
				check_has(shells[i], buf_str(&p->out), commands[k].name);
		check_has(shells[i], buf_str(&p->out), "target-directory");
		program_free(p);
		free(words);
	}
	struct program *p = bench_run(bench, "completion tcsh");
	bench_check("unknown", p, 2, "completion takes one of: bash, zsh, fish");
	program_free(p);
}

/* The words of an answer in order, so that two answers can be compared; malloc'd. */
static char *sorted_lines(const char *words)
{
	struct program *p = bench_run(bench, words);
	const char *lines[64];
	size_t count = 0;
	struct buf out;

	bench_check(words, p, 0, NULL);
	for (char *rest = (char *)buf_str(&p->out), *line; (line = strsep(&rest, "\n"));)
		if (*line && count < ARRAY_SIZE(lines))
			lines[count++] = line;
	qsort(lines, count, sizeof(*lines), compare_words);
	buf_init(&out, 0);
	for (size_t i = 0; i < count; i++)
		buf_addf(&out, "%s\n", lines[i]);
	program_free(p);
	return buf_detach(&out);
}

/* They are read without the model that the other makes. */
static void names_are_those_that_get_prints(void **state)
{
	static const char *const kinds[] = {"apps", "clusters", "teams"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char *ask = xasprintf("completion names %s --config {home}/config.yaml", kinds[i]);
		char *get =
			xasprintf("get %s -o name --cached --config {home}/config.yaml", kinds[i]);
		char *names = sorted_lines(ask), *got = sorted_lines(get);

		check_bool(kinds[i], *names != '\0', true);
		check_str(kinds[i], names, got);
		free(ask);
		free(get);
		free(names);
		free(got);
	}
	struct program *p = bench_run(bench, "completion names moons --config {home}/config.yaml");
	bench_check("unknown", p, 2, "no names of 'moons' are remembered");
	program_free(p);
}

/* weir by its plain name, with the configuration that the others name by an option. */
static void shell_env(char **path, char **named)
{
	char *weir = realpath(program_path(), NULL);

	assert_non_null(weir);
	*strrchr(weir, '/') = '\0';
	*path = xasprintf("PATH=%s:/usr/local/bin:/usr/bin:/bin", weir);
	*named = xasprintf("WEIR_CONFIG=%s", config);
	free(weir);
}

static void fish_offers_the_same(void **state)
{
	static const struct {
		const char *line, *has, *has_not;
	} rows[] = {
		{"weir re", "restart\t", "stop\t"},
		{"weir get ", "apps\n", "ods/orders\n"},
		{"weir get apps ", "ods/orders\n", "clusters\n"},
		{"weir get apps -o ", "json\t", "text\t"},
		{"weir get apps --columns name,sta", "name,state", "name,name"},
		{"weir get clusters --sort-by la", "latencyMs", "restarts"},
		{"weir --context ", "other", "sessions"},
		{"weir stop ", "ods/orders", "apps\n"},
		{"weir stop ods/", "ods/orders", "sessions"},
		{"weir get taskmanagers ", "sessions", "ods/orders"},
	};
	char *path, *named;

	(void)state;
	shell_env(&path, &named);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *script =
			xasprintf("weir completion fish | source; complete -C '%s'", rows[i].line);
		struct program *p = program_run(&(struct program_setup){.file = "fish",
			.home = bench->home,
			.env = WORDS(path, named),
			.words = WORDS("--no-config", "-c", script)});

		/* Without fish: packaging/install-deps has it. */
		check_int(rows[i].line, p->exit_code, 0);
		check_str(rows[i].line, buf_str(&p->err), "");
		check_has(rows[i].line, buf_str(&p->out), rows[i].has);
		check_bool(rows[i].line, strstr(buf_str(&p->out), rows[i].has_not) != NULL, false);
		program_free(p);
		free(script);
	}
	free(path);
	free(named);
}

/* A person at its prompt: Tab finishes the word. */
static void zsh_finishes_words(void **state)
{
	static const struct {
		const char *typed, *shows;
	} rows[] = {
		{"weir rest\t", "weir restart"},
		{"weir get jo\t", "weir get jobs"},
		{"weir get apps ods\t", "weir get apps ods/orders"},
		{"weir get apps --columns name,sta\t", "name,state"},
		{"weir --context oth\t", "weir --context other"},
	};
	char *path, *named;
	struct screen *screen;

	(void)state;
	shell_env(&path, &named);
	/* Without zsh: packaging/install-deps has it. */
	screen = screen_start(&(struct screen_setup){.file = "/usr/bin/zsh",
		.home = bench->home,
		.words = WORDS("-f", "-i"),
		.env = WORDS(path, named),
		.rows = 24,
		.cols = 100});
	screen_type(screen,
		"PS1='now'': '; autoload -Uz compinit; compinit -u -D; "
		"source <(weir completion zsh); echo made' 'ready\r");
	screen_wait(screen, "made ready");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		screen_type(screen, rows[i].typed);
		screen_wait(screen, rows[i].shows);
		screen_type(screen,
			"\x15"
			"clear\r");
		screen_wait_gone(screen, rows[i].shows);
	}
	screen_type(screen, "exit\r");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	free(path);
	free(named);
}

/* What is completed was remembered by an earlier run. */
static int up(void **state)
{
	char *jobs = fixture_read("tests/fixtures/flink-1.20.5/jobs-overview.json", NULL);
	char *overview = fixture_read("tests/fixtures/flink-1.20.5/overview.json", NULL);
	struct httpd *server = httpd_start("127.0.0.1");
	char *url = httpd_url(server, "");

	(void)state;
	bench = bench_new();
	httpd_on(server, "GET /jobs/overview", &(struct httpd_answer){.body = jobs});
	httpd_on(server, "GET /overview", &(struct httpd_answer){.body = overview});
	bench_set(bench, "url", url);
	bench_file(bench, "config.yaml",
		"contexts:\n- name: test\n  workspace: {home}/ws\n  clusters:\n"
		"  - {name: sessions, rest: \"{url}\"}\n- name: other\n"
		"current-context: test\n");
	bench_file(bench, "ws/teams/ods/team.yaml",
		"apiVersion: weir/v1\nkind: Team\nname: ods\nmembers: [li]\n");
	bench_file(bench, "ws/teams/ods/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ntype: jar\n"
		"cluster: sessions\n");
	config = bench_expand(bench, "{home}/config.yaml");
	struct program *p = bench_run(bench, "get apps --no-details --config {home}/config.yaml");
	bench_check("remembered", p, 0, NULL);
	check_has("remembered", buf_str(&p->out), "orders");
	program_free(p);
	httpd_stop(server);
	free(url);
	free(jobs);
	free(overview);
	return 0;
}

static int down(void **state)
{
	(void)state;
	bench_free(bench);
	free(config);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_offered_where_it_may_stand),
		cmocka_unit_test(names_are_those_that_get_prints),
		cmocka_unit_test(each_shell_gets_each_command),
		cmocka_unit_test(fish_offers_the_same),
		cmocka_unit_test(zsh_finishes_words),
	};

	check_locale();
	return cmocka_run_group_tests(tests, up, down);
}
