/* Applications made, copied, deleted and edited as files: whole or not at all. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/workspace/edit.h"
#include "core/source/workspace/workspace.h"
#include "tests/support/check.h"

#define ORDERS "teams/ods/apps/orders.yaml"
#define TEXT                                                                                       \
	"apiVersion: weir/v1\nkind: Application\nname: orders # the name\njobName: 订单\n"       \
	"# tuned by li\nparallelism: 2\n"

struct fixture {
	char *dir;
	struct changed_file out;
	struct err err;
};

static char *in_dir(struct fixture *f, const char *name)
{
	return temp_path(f->dir, name);
}

static void put(struct fixture *f, const char *name, const char *text)
{
	char *path = in_dir(f, name);

	temp_file(path, text);
	free(path);
}

static void check_file(struct fixture *f, const char *name, const char *want)
{
	char *path = in_dir(f, name), *text = fixture_read(path, NULL);

	check_str(name, text, want);
	free(text);
	free(path);
}

static int files_in(struct fixture *f, const char *name)
{
	char *path = in_dir(f, name);
	DIR *dir = opendir(path);
	int count = 0;

	for (struct dirent *item; dir && (item = readdir(dir));)
		count += !str_eq(item->d_name, ".") && !str_eq(item->d_name, "..");
	if (dir)
		closedir(dir);
	free(path);
	return count;
}

static int change(struct fixture *f, const struct source_change *what)
{
	free(f->out.path);
	f->err = (struct err){0};
	return workspace_change(f->dir, what, &f->out, &f->err);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = temp_dir();
	put(f, ORDERS, TEXT);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	temp_dir_remove(f->dir);
	free(f->out.path);
	free(f);
	return 0;
}

static void a_new_one_is_made_once(void **state)
{
	static const char *const sets[] = {"parallelism=4", "tags=[a, b]"};
	struct source_change what = {.verb = SOURCE_NEW,
		.team = "growth",
		.name = "views",
		.type = APP_SQL,
		.cluster = "sessions",
		.sets = sets,
		.set_count = 2};
	struct fixture *f = *state;
	char *path = in_dir(f, "teams/growth/apps/views.yaml"), *text;

	check_ok("new", change(f, &what), &f->err);
	check_str("path", f->out.path, path);
	text = fixture_read(path, NULL);
	check_has("text", text, "\nparallelism: 4\n");
	check_has("text", text, "\ntags: [a, b]\n");
	check_has("text", text, "# jobName: views");
	check_err("again", change(f, &what), &f->err, E_CONFLICT, "is there already");
	check_int("nothing left behind", files_in(f, "teams/growth/apps"), 1);
	free(text);
	free(path);
}

static void a_copy_keeps_comments_and_takes_no_job_from_its_original(void **state)
{
	static const char *const sets[] = {"parallelism=8", "properties.a.b=5s"};
	struct fixture *f = *state;

	check_ok("copy",
		change(f,
			&(struct source_change){.verb = SOURCE_COPY,
				.path = ORDERS,
				.team = "ods",
				.name = "orders-2",
				.sets = sets,
				.set_count = 2}),
		&f->err);
	check_file(f, "teams/ods/apps/orders-2.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders-2 # the name\n"
		"jobName: orders-2\n# tuned by li\nparallelism: 8\nproperties:\n  a.b: 5s\n");
	check_file(f, ORDERS, TEXT);
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	static const struct {
		const char *name, *team, *app, *set, *path;
		int code;
		const char *part;
	} rows[] = {
		{"a bad name", "ods", "Orders 2", "owner=li", ORDERS, E_ARG, "'ods/Orders 2'"},
		{"a name that is a way out", "..", "x", "owner=li", ORDERS, E_ARG, "'../x'"},
		{"an unknown key", "ods", "x", "paralelism=2", ORDERS, E_CONFIG,
			"did you mean \"parallelism\""},
		{"a wrong value", "ods", "x", "parallelism=many", ORDERS, E_CONFIG, "parallelism"},
		{"no setting", "ods", "x", "parallelism", ORDERS, E_ARG, "not key=value"},
		{"its name", "ods", "x", "name=y", ORDERS, E_ARG, "the name is x"},
		{"no original", "ods", "x", "owner=li", "teams/ods/apps/no.yaml", E_NOTFOUND,
			"no.yaml"},
		{"no file of an application", "ods", "x", "owner=li", "teams/ods/team.yaml", E_ARG,
			"no application's file"},
		{"over the fence", "ods", "x", "owner=li", "teams/ods/apps/../../x/apps/y.yaml",
			E_ARG, "no name"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int rc = change(f,
			&(struct source_change){.verb = SOURCE_COPY,
				.path = rows[i].path,
				.team = rows[i].team,
				.name = rows[i].app,
				.sets = &rows[i].set,
				.set_count = 1});

		check_err(rows[i].name, rc, &f->err, rows[i].code, rows[i].part);
		check_int(rows[i].name, files_in(f, "teams/ods/apps"), 1);
	}
}

static void links_are_not_followed(void **state)
{
	struct fixture *f = *state;
	char *link = in_dir(f, "teams/ods/apps/link.yaml"), *team = in_dir(f, "teams/far");

	assert_int_equal(0, symlink("orders.yaml", link));
	assert_int_equal(0, symlink("ods", team));
	check_err("file",
		change(f,
			&(struct source_change){
				.verb = SOURCE_DRAFT, .path = "teams/ods/apps/link.yaml"}),
		&f->err, E_CONFIG, "link.yaml");
	check_err("folder",
		change(f,
			&(struct source_change){
				.verb = SOURCE_DELETE, .path = "teams/far/apps/orders.yaml"}),
		&f->err, E_DENIED, "teams/far");
	check_file(f, ORDERS, TEXT);
	free(link);
	free(team);
}

struct draft {
	char *path, digest[65];
};

static struct draft draft_of(struct fixture *f)
{
	struct draft draft;

	check_ok("draft", change(f, &(struct source_change){.verb = SOURCE_DRAFT, .path = ORDERS}),
		&f->err);
	draft.path = xstrdup(f->out.path);
	memcpy(draft.digest, f->out.digest, sizeof(draft.digest));
	return draft;
}

static int save(struct fixture *f, const struct draft *draft)
{
	return change(f,
		&(struct source_change){.verb = SOURCE_SAVE,
			.path = ORDERS,
			.draft = draft->path,
			.digest = draft->digest});
}

static void a_draft_is_private_and_replaces_the_file_with_its_mode(void **state)
{
	struct fixture *f = *state;
	char *path = in_dir(f, ORDERS);
	struct draft draft;
	struct stat st;

	assert_int_equal(0, chmod(path, 0640));
	draft = draft_of(f);
	assert_int_equal(0, stat(draft.path, &st));
	check_int("mode of the draft", st.st_mode & 07777, 0600);
	temp_file(draft.path, TEXT "owner: li\n");
	check_ok("save", save(f, &draft), &f->err);
	check_int("changed", f->out.is_same, 0);
	check_file(f, ORDERS, TEXT "owner: li\n");
	assert_int_equal(0, stat(path, &st));
	check_int("mode", st.st_mode & 07777, 0640);
	check_int("the draft is gone", files_in(f, "teams/ods/apps"), 1);
	free(draft.path);
	free(path);
}

static void a_broken_draft_goes_back_and_the_file_stays(void **state)
{
	struct fixture *f = *state;
	struct draft draft = draft_of(f);

	temp_file(draft.path, TEXT "paralelism: 2\n");
	check_err("save", save(f, &draft), &f->err, E_CONFIG, ORDERS ":7:1: ");
	check_file(f, ORDERS, TEXT);
	temp_file(draft.path, TEXT "priority: 2\n");
	check_ok("save", save(f, &draft), &f->err);
	check_file(f, ORDERS, TEXT "priority: 2\n");
	free(draft.path);
}

static void who_was_faster_keeps_the_file(void **state)
{
	struct fixture *f = *state;
	struct draft draft = draft_of(f);

	temp_file(draft.path, TEXT "owner: li\n");
	put(f, ORDERS, TEXT "owner: wang\n");
	check_err("save", save(f, &draft), &f->err, E_CONFLICT, "changed by somebody else");
	check_file(f, ORDERS, TEXT "owner: wang\n");
	check_int("the draft stays", files_in(f, "teams/ods/apps"), 2);
	free(draft.path);
}

static void nothing_changed_is_nothing_written(void **state)
{
	struct fixture *f = *state;
	struct draft draft = draft_of(f);

	check_ok("save", save(f, &draft), &f->err);
	check_int("the same", f->out.is_same, 1);
	check_int("the draft is gone", files_in(f, "teams/ods/apps"), 1);
	free(draft.path);
	draft = draft_of(f);
	check_ok("drop",
		change(f,
			&(struct source_change){
				.verb = SOURCE_DROP, .path = ORDERS, .draft = draft.path}),
		&f->err);
	check_int("dropped", files_in(f, "teams/ods/apps"), 1);
	check_err("no draft of ours",
		change(f,
			&(struct source_change){
				.verb = SOURCE_DROP, .path = ORDERS, .draft = "/etc/x"}),
		&f->err, E_ARG, "no draft");
	free(draft.path);
}

static void on_changed(void *data, const struct source_changed *changed, const struct err *err)
{
	struct fixture *f = data;

	f->err = err ? *err : (struct err){0};
	f->out.path = xstrdup_null(changed->path);
}

static void the_source_does_it_on_the_pool(void **state)
{
	struct fixture *f = *state;
	struct source *source;
	struct loop *loop;

	check_ok("loop", loop_open(&loop, &f->err), &f->err);
	source = workspace_source_new(loop, "prod", f->dir);
	assert_true(source_can_change(source));
	source_change(source, &(struct source_change){.verb = SOURCE_DELETE, .path = ORDERS},
		on_changed, f);
	assert_null(f->out.path); /* never from inside */
	assert_true(loop_run_until_idle(loop, 10000));
	check_int("code", f->err.code, E_OK);
	check_has("path", f->out.path, ORDERS);
	check_int("gone", files_in(f, "teams/ods/apps"), 0);
	source_change_cancel(source,
		source_change(source,
			&(struct source_change){.verb = SOURCE_DELETE, .path = ORDERS}, on_changed,
			NULL));
	assert_true(loop_run_until_idle(loop, 10000));
	source_close(source);
	loop_close(loop);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_one_is_made_once),
		test(a_copy_keeps_comments_and_takes_no_job_from_its_original),
		test(what_cannot_be_made_leaves_nothing),
		test(links_are_not_followed),
		test(a_draft_is_private_and_replaces_the_file_with_its_mode),
		test(a_broken_draft_goes_back_and_the_file_stays),
		test(who_was_faster_keeps_the_file),
		test(nothing_changed_is_nothing_written),
		test(the_source_does_it_on_the_pool),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
