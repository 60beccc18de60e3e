/*
 * One secret, put wherever a person may put one, through every verb and the console, on real Flink.
 * Then everything that weir wrote is searched for it: what it printed, its screens, its store, its
 * logs, and the words of its processes while they ran. The manifest of a release, for its owner
 * alone, is where it is. All of it under a umask that hides nothing, so that modes are weir's own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/life.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define CANARY "c4nary-7f31"
#define ANY -1 /* exit code */
#define HERE "--config {home}/secrets.yaml --store {home}/kept --verbose "

static struct life life;

/* ---- the words of processes ---- */

static struct watch {
	pthread_t thread;
	atomic_bool is_over;
	atomic_size_t passes, looked; /* looked: at words of weir's */
	const char *home;             /* in each of these */
	pthread_mutex_t mutex;
	char found[4096]; /* the words of one that had it; "" = none */
} watch = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Flink's own processes are not weir's, and get what they were told to run. */
static void look_at(const char *pid)
{
	char path[64], words[65536];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, words, sizeof(words));
	if (fd >= 0)
		close(fd);
	if (len > 0 && memmem(words, (size_t)len, watch.home, strlen(watch.home)))
		atomic_fetch_add(&watch.looked, 1);
	if (len <= 0 || !memmem(words, (size_t)len, CANARY, strlen(CANARY)))
		return;
	pthread_mutex_lock(&watch.mutex);
	for (ssize_t i = 0; i < len; i++)
		words[i] = words[i] ? words[i] : ' ';
	snprintf(watch.found, sizeof(watch.found), "%.*s", (int)len, words);
	pthread_mutex_unlock(&watch.mutex);
}

static void *watch_words(void *data)
{
	(void)data;
	while (!atomic_load(&watch.is_over)) {
		DIR *proc = opendir("/proc");

		for (struct dirent *entry; proc && (entry = readdir(proc));)
			if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
				look_at(entry->d_name);
		if (proc)
			closedir(proc);
		atomic_fetch_add(&watch.passes, 1);
		poll(NULL, 0, 10);
	}
	return NULL;
}

static void no_words_had_it(const char *row)
{
	pthread_mutex_lock(&watch.mutex);
	if (*watch.found)
		fail_msg("%s: in the words of a process: %s", row, watch.found);
	pthread_mutex_unlock(&watch.mutex);
}

/* A word that must be found is: else that none is found would say nothing. */
static int watch_start(void)
{
	int64_t end_ms = program_now_ms() + PROGRAM_DEADLINE_MS;
	struct program *p = program_start(
		&(struct program_setup){.file = "tail", .words = WORDS("-f", "/dev/null", CANARY)});
	bool is_found = false;

	watch.home = life.bench->home;
	assert_int_equal(pthread_create(&watch.thread, NULL, watch_words, NULL), 0);
	while (!is_found && program_now_ms() < end_ms) {
		poll(NULL, 0, 10);
		pthread_mutex_lock(&watch.mutex);
		is_found = *watch.found;
		pthread_mutex_unlock(&watch.mutex);
	}
	check_bool("words of a process are seen", is_found, true);
	program_free(p);
	/* Who was looking at it while it ended has looked. */
	for (size_t last = atomic_load(&watch.passes) + 1; atomic_load(&watch.passes) <= last;)
		poll(NULL, 0, 10);
	*watch.found = '\0';
	return 0;
}

/* Who never sees weir's words finds nothing in them. */
static void words_were_seen(const char *row)
{
	check_bool(row, atomic_exchange(&watch.looked, 0) > 0, true);
}

/* ---- what was written ---- */

static void must_not_hold(const char *row, const char *where, const char *bytes, size_t len)
{
	const char *at = memmem(bytes, len, CANARY, strlen(CANARY));

	if (!at)
		at = memmem(bytes, len, SSHD_SECRET, strlen(SSHD_SECRET));
	if (at) {
		size_t before = (size_t)(at - bytes) < 300 ? (size_t)(at - bytes) : 300;

		fail_msg("%s: %s: …%.*s", row, where, (int)before + 40, at - before);
	}
}

static const char *searching;
static size_t files_seen, manifests_seen;

static bool is_weirs(const char *path)
{
	const char *name = path + strlen(life.bench->home);

	return *name && !str_starts(name, "/ws") && !str_starts(name, "/project") &&
		!str_ends(name, ".yaml") && !str_ends(name, "/known_hosts");
}

static int search(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	bool is_manifest = str_ends(path, "/manifest.json");
	bool is_tree = strstr(path, "/tree/");
	struct buf bytes;

	(void)walk;
	if (!is_weirs(path) || (kind != FTW_F && kind != FTW_D))
		return 0;
	/* What a project's tree has in it is as its owner's umask says. */
	if (!is_tree && st->st_mode & 077)
		fail_msg("%s: %s has mode %o", searching, path, st->st_mode & 0777);
	if (kind != FTW_F)
		return 0;
	files_seen++;
	manifests_seen += is_manifest;
	/* The manifest is where it belongs. */
	if (is_manifest)
		return 0;
	buf_init(&bytes, 0);
	if (file_read(path, &bytes, NULL) == 0)
		must_not_hold(searching, path, buf_str(&bytes), bytes.len);
	buf_release(&bytes);
	return 0;
}

/* All that weir has written so far. */
static void search_files(const char *row)
{
	searching = row;
	files_seen = manifests_seen = 0;
	nftw(life.bench->home, search, 16, FTW_PHYS);
	no_words_had_it(row);
	words_were_seen(row);
}

/* ---- verbs ---- */

/* Any end but the one that is wanted fails the case; what was printed holds nothing. */
static void verb(const char *words, int exit_code, const char *part)
{
	char *all = xasprintf(HERE "%s", words);
	struct program *p =
		bench_run_as(life.bench, all, &(struct program_setup){.deadline_ms = 120000});

	must_not_hold(words, "stdout", buf_str(&p->out), p->out.len);
	must_not_hold(words, "stderr", buf_str(&p->err), p->err.len);
	if (exit_code != ANY && p->exit_code != exit_code)
		print_error("%s: %s%s\n", words, buf_str(&p->out), buf_str(&p->err));
	if (exit_code != ANY)
		check_int(words, p->exit_code, exit_code);
	if (part) {
		char *both = xasprintf("%s%s", buf_str(&p->out), buf_str(&p->err));

		check_has(words, both, part);
		free(both);
	}
	program_free(p);
	free(all);
	no_words_had_it(words);
}

static void declare(const char *name, const char *lines)
{
	char *file = xasprintf("ws/teams/t/apps/%s.yaml", name);
	char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: %s\n"
			       "cluster: sessions\n%s",
		name, lines);

	bench_file(life.bench, file, text);
	free(text);
	free(file);
}

#define SECRETS                                                                                    \
	"properties:\n  fs.s3a.secret.key: " CANARY "\n  pipeline.global-job-parameters: "         \
	"\"note:token=${db-password}\"\n"
#define JAR                                                                                        \
	"type: jar\nmain-class: weir.demo.DemoJob\nartifact: {jar}\n"                              \
	"args: [--name, rest, --password, " CANARY "]\n" SECRETS
#define SQL(options)                                                                               \
	"type: sql\nsql: |\n"                                                                      \
	"  SET 'demo.password' = '" CANARY "';\n"                                                  \
	"  CREATE TEMPORARY TABLE src (id BIGINT) WITH ('connector'='datagen',"                    \
	"    'rows-per-second'='5'" options ");\n"                                                 \
	"  CREATE TEMPORARY TABLE bh (id BIGINT) WITH ('connector'='blackhole');\n"                \
	"  INSERT INTO bh SELECT id FROM src;\n"

static void config_file(const char *name, const char *gate, const char *via)
{
	char *text = xasprintf(
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: {home}/releases\n  known-hosts: known_hosts\n"
		"  hosts:\n"
		"  - {name: bastion, address: 127.0.0.1, port: {bastion}, user: root, key: {key}, "
		"auth: [key]}\n"
		"  - {name: gw, address: 127.0.0.1, port: {gw}, user: root, key: {key}, "
		"auth: [key], jump: %s}\n"
		"  - {name: coded, address: 127.0.0.1, port: {otp}, user: root, key: {key}, "
		"auth: [key, otp]}\n"
		"  flink-envs:\n  - {name: here, home: {sqlhome}}\n"
		"  - {name: there, home: {sqlhome}, host: gw}\n"
		"  - {name: gateway, home: {sqlhome}, sql-gateway: \"{gateway}\"}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"%s}\n",
		gate, via);

	bench_file(life.bench, name, text);
	free(text);
}

static void configure(void)
{
	char *jar = flink_script("tests/testbed/jobs/build", WORDS(NULL), FLINK_START_MS);
	char *home = flink_script(
		"tests/testbed/flink", WORDS("sql", life.flink->version), FLINK_START_MS);
	char *gateway = flink_script(
		"tests/testbed/flink", WORDS("gateway", life.flink->name, "auto"), FLINK_START_MS);

	bench_set(life.bench, "jar", jar);
	bench_set(life.bench, "sqlhome", home);
	bench_set(life.bench, "gateway", gateway);
	free(gateway);
	free(home);
	free(jar);
	config_file("secrets.yaml", "bastion", "");
	config_file("typed.yaml", "coded", ", via: gw");
	bench_file(life.bench, "ws/teams/t/team.yaml",
		"apiVersion: weir/v1\nkind: Team\nname: t\nvariables:\n  db-password: " CANARY
		"\n");
	declare("rest", "flink-env: here\n" JAR);
	declare("run", "flink-env: there\n" JAR);
	declare("client", "flink-env: there\n" SQL(""));
	declare("gate", "flink-env: gateway\n" SQL(""));
	declare("wrong", "flink-env: gateway\n" SQL(", 'password'='" CANARY "'"));
	declare("built",
		"flink-env: here\ntype: jar\nmain-class: a.B\nartifact: build\n" SECRETS
		"build:\n  git: {home}/project\n  ref: main\n  host: local\n"
		"  command: |\n    export TOKEN=" CANARY "\n    echo \"password=$TOKEN\"\n"
		/* The words of the shell that runs this. */
		"    case $(tr '\\0' ' ' </proc/$$/cmdline) in *$TOKEN*) exit 9 ;; esac\n"
		"    mkdir -p target && cp {jar} target/counter-1.jar\n"
		"  artifact: target/*.jar\n");
	declare("nogit",
		"flink-env: here\ntype: jar\nmain-class: a.B\nartifact: build\n"
		"build:\n  git: https://user:" CANARY "@127.0.0.1:1/x.git\n  host: local\n"
		"  command: \"true\"\n  artifact: target/*.jar\n");
}

static int enter(void **state)
{
	(void)state;
	if (life.flink)
		return 0;
	umask(0);
	life_enter(&life, "1.20.5", "secrets");
	configure();
	return watch_start();
}

static int leave_case(void **state)
{
	(void)state;
	life_end_jobs(&life);
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	if (watch.thread) {
		atomic_store(&watch.is_over, true);
		pthread_join(watch.thread, NULL);
	}
	life_leave(&life);
	return 0;
}

/* ---- cases ---- */

static void a_start_by_rest_has_its_secrets_from_the_folder(void **state)
{
	(void)state;
	verb("config check", 0, NULL);
	verb("config view", 0, NULL);
	verb("release rest --yes --wait --dry-run", 0, NULL);
	verb("release rest --yes --wait", 0, NULL);
	verb("start rest --dry-run", 0, "/jars/<id>_");
	verb("start rest --yes --wait", 0, NULL);
	/* Flink was given the real ones, and shows what its own rules do not know. */
	char *job = life_job(&life, "rest"), *path = xasprintf("/jobs/%s/config", job);
	json_t *config = flink_get(life.flink, path);
	char *text = json_dumps(config, 0);
	assert_non_null(text);
	check_has("the real one is started", text, "token=" CANARY);
	free(text);
	json_decref(config);
	free(path);
	free(job);
	declare("rest", "flink-env: here\nparallelism: 1\n" JAR);
	verb("diff rest", 0, "parallelism");
	verb("get apps rest -o json", 0, NULL);
	verb("get jobs -o json", 0, NULL);
	verb("describe app rest -o json", 0, NULL);
	verb("describe app rest", 0, NULL);
	verb("get runs -o json", 0, NULL);
	verb("get releases -o json", 0, NULL);
	verb("restart rest --yes --wait --dry-run", 0, NULL);
	verb("restart rest --yes --wait", 0, NULL);
	verb("release rest --yes --wait", 0, NULL);
	verb("rollback rest --yes --wait", 0, "release 1 is active again");
	verb("stop rest --yes --wait", 0, NULL);
	verb("store export", 0, NULL);
	verb("store check -o json", 0, NULL);
	search_files("by REST");
	check_bool("there were files", files_seen > 5, true);
	check_int("manifests", (int64_t)manifests_seen, 2);
}

static void a_start_over_ssh_is_refused_with_the_cure(void **state)
{
	(void)state;
	verb("release run --yes --wait", 0, NULL);
	verb("start run --yes --wait", 7, "allow-secret-argv: true");
	verb("start run --dry-run", 7, "allow-secret-argv: true");
	search_files("refused");
}

static void sql_by_its_client_and_by_a_gateway(void **state)
{
	(void)state;
	verb("release client --yes --wait", 0, NULL);
	verb("start client --dry-run", 0, "sql-client.sh");
	verb("start client --yes --wait", 0, NULL);
	verb("logs client --run last", 0, NULL);
	verb("release gate --yes --wait", 0, NULL);
	verb("start gate --dry-run", 0, "/v1/sessions");
	verb("start gate --yes --wait", 0, NULL);
	verb("release wrong --yes --wait", 0, NULL);
	verb("start wrong --yes --wait", 10, "password");
	verb("get runs -o json", 0, NULL);
	search_files("SQL");
}

static void builds_print_and_fail(void **state)
{
	(void)state;
	verb("build built --yes --wait --agree-command --dry-run", 0, "TOKEN=******");
	verb("build built --yes --wait --agree-command", 0, NULL);
	verb("get builds -o json", 0, NULL);
	verb("build nogit --yes --wait --agree-command", 10, "127.0.0.1:1/x.git");
	verb("doctor", ANY, NULL);
	search_files("builds");
}

/* The code that is typed, and what the cases before left behind to be shown. */
static void screens_and_what_is_typed(void **state)
{
	/* A head of the list, which the palette has not, and a line that the cases before have left. */
	static const struct {
		const char *keys, *head, *also, *line, *with;
	} views[] = {
		{":commands\r", "WHEN", "RESULT", "REST", "GET"},
		{":runs\r", "VERB", "OUTCOME", "start", "rest"},
		{":releases\r", "RELEASE", "COMMIT", "t/rest", "ACTIVE"},
		{":apps\r", "STATE", "NAME", "rest", "SUSPENDED"},
	};
	char *config = bench_expand(life.bench, "{home}/typed.yaml");
	char *store = bench_expand(life.bench, "{home}/kept");
	struct screen *screen = screen_start(&(struct screen_setup){.home = life.bench->home,
		.words = WORDS("--config", config, "--store", store),
		.rows = 40,
		.cols = 200});
	char *text;

	(void)state;
	screen_wait(screen, "host coded: it asks");
	screen_type(screen, SSHD_SECRET "\r");
	screen_wait_gone(screen, "host coded: it asks");
	screen_wait_line(screen, "sessions", "rest");
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		screen_type(screen, views[i].keys);
		screen_wait_line(screen, views[i].head, views[i].also);
		screen_wait_line(screen, views[i].line, views[i].with);
		text = screen_text(screen);
		must_not_hold(views[i].keys, "screen", text, strlen(text));
		free(text);
	}
	screen_type(screen, "q");
	check_int("exit", screen_end(screen), 0);
	text = screen_said(screen);
	must_not_hold("the end", "screen", text, strlen(text));
	free(text);
	screen_free(screen);
	free(store);
	free(config);
	search_files("console");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_start_by_rest_has_its_secrets_from_the_folder, enter, leave_case),
		cmocka_unit_test_setup_teardown(
			a_start_over_ssh_is_refused_with_the_cure, enter, leave_case),
		cmocka_unit_test_setup_teardown(
			sql_by_its_client_and_by_a_gateway, enter, leave_case),
		cmocka_unit_test_setup_teardown(builds_print_and_fail, enter, leave_case),
		cmocka_unit_test_setup_teardown(screens_and_what_is_typed, enter, leave_case),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, leave_group);
}
