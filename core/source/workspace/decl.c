/*
 * One file of a workspace → one declaration. The tables say which keys there are (the design's
 * section 6); below them stands what a table cannot say. Values are kept as they are written:
 * ${var} is filled in by who uses them.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/workspace/parts.h"

#define PARALLELISM_MAX 32768 /* Flink's upper bound of the maximum parallelism */
#define PRIORITY_MAX 1000

static const char *const version_words[] = {"weir/v1", NULL};
static const char *const app_kind_words[] = {"Application", NULL};
static const char *const team_kind_words[] = {"Team", NULL};

/* What the tables fill; freed when its texts have been copied into the arena. */
struct app_file {
	int version, kind, type, target;
	char *name, *job_name, *flink_env, *cluster, *artifact, *main_class, *owner, *sql,
		*sql_file;
	json_t *args, *tags, *properties;
	int64_t parallelism, priority;
	bool allow_secret_argv;
	const json_t *build;
};

struct build_file {
	char *git, *ref, *host, *command, *artifact;
};

struct team_file {
	int version, kind;
	char *name, *title, *owner;
	json_t *members, *variables;
};

/* ---- into the arena ---- */

static const char *const *copy_list(struct arena *arena, const json_t *list, size_t *count)
{
	size_t size = json_array_size(list);
	const char **out = size ? arena_calloc(arena, size, sizeof(*out)) : NULL;

	for (size_t i = 0; i < size; i++)
		out[i] = arena_strdup(arena, json_string_value(json_array_get(list, i)));
	*count = size;
	return out;
}

static const struct setting *copy_settings(struct arena *arena, const json_t *object, size_t *count)
{
	size_t size = json_object_size(object), i = 0;
	struct setting *out = size ? arena_calloc(arena, size, sizeof(*out)) : NULL;
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		out[i].key = arena_strdup(arena, key);
		out[i++].value = arena_strdup(arena, json_string_value(value));
	}
	*count = size;
	return out;
}

static struct parsed *parsed_new(void)
{
	struct arena *arena = arena_new();
	struct parsed *parsed = arena_alloc(arena, sizeof(*parsed));

	parsed->arena = arena;
	parsed->app.type = APP_TYPE_NONE;
	parsed->app.target = TARGET_NONE;
	parsed->app.parallelism = -1;
	return parsed;
}

void parsed_free(struct parsed *parsed)
{
	if (parsed)
		arena_free(parsed->arena);
}

struct parsed *parsed_broken(const char *team, const char *path, const char *error)
{
	struct parsed *parsed = parsed_new();
	struct arena *arena = parsed->arena;
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t len = strlen(base);

	if (len > 5 && str_ends(base, ".yaml"))
		len -= 5;
	parsed->app.team = parsed->team.name = arena_strdup(arena, team);
	parsed->app.name = parsed->app.job_name = arena_strndup(arena, base, len);
	parsed->app.path = parsed->team.path = arena_strdup(arena, path);
	parsed->app.error = parsed->team.error = arena_strdup(arena, error);
	return parsed;
}

/* ---- applications ---- */

#define AT(member) offsetof(struct app_file, member)
static const struct doc_field app_fields[] = {
	{"apiVersion", DOC_ENUM, AT(version), true, 0, 0, version_words},
	{"kind", DOC_ENUM, AT(kind), true, 0, 0, app_kind_words},
	{"name", DOC_NAME, AT(name), true, 0, 0, NULL},
	{"jobName", DOC_STRING, AT(job_name), false, 0, 0, NULL},
	{"type", DOC_ENUM, AT(type), false, 0, 0, app_type_words},
	{"flink-env", DOC_STRING, AT(flink_env), false, 0, 0, NULL},
	{"cluster", DOC_STRING, AT(cluster), false, 0, 0, NULL},
	{"target", DOC_ENUM, AT(target), false, 0, 0, deployment_target_words},
	{"artifact", DOC_STRING, AT(artifact), false, 0, 0, NULL},
	{"main-class", DOC_STRING, AT(main_class), false, 0, 0, NULL},
	{"args", DOC_STRINGS, AT(args), false, 0, 0, NULL},
	{"parallelism", DOC_INT, AT(parallelism), false, 1, PARALLELISM_MAX, NULL},
	{"properties", DOC_MAP, AT(properties), false, 0, 0, NULL},
	{"sql", DOC_STRING, AT(sql), false, 0, 0, NULL},
	{"sql-file", DOC_STRING, AT(sql_file), false, 0, 0, NULL},
	{"tags", DOC_STRINGS, AT(tags), false, 0, 0, NULL},
	{"owner", DOC_STRING, AT(owner), false, 0, 0, NULL},
	{"priority", DOC_INT, AT(priority), false, 0, PRIORITY_MAX, NULL},
	{"build", DOC_NODE, AT(build), false, 0, 0, NULL},
	{"allow-secret-argv", DOC_BOOL, AT(allow_secret_argv), false, 0, 0, NULL},
};
#undef AT

static void app_file_release(struct app_file *file)
{
	char *texts[] = {file->name, file->job_name, file->flink_env, file->cluster, file->artifact,
		file->main_class, file->owner, file->sql, file->sql_file};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	json_decref(file->args);
	json_decref(file->tags);
	json_decref(file->properties);
}

/* At the value of a key that is there. */
static int value_error(const struct doc *doc, const json_t *object, const char *key,
	struct err *err, const char *text)
{
	return doc_error(doc, json_object_get(object, key), err, "%s", text);
}

/* A workspace is foreign content: nothing of it may become an option of git. */
static int read_build(const struct doc *doc, const json_t *node, struct arena *arena,
	struct build_decl *out, struct err *err)
{
#define AT(member) offsetof(struct build_file, member)
	static const struct doc_field fields[] = {
		{"git", DOC_STRING, AT(git), false, 0, 0, NULL},
		{"ref", DOC_STRING, AT(ref), false, 0, 0, NULL},
		{"host", DOC_STRING, AT(host), false, 0, 0, NULL},
		{"command", DOC_STRING, AT(command), true, 0, 0, NULL},
		{"artifact", DOC_STRING, AT(artifact), true, 0, 0, NULL},
	};
#undef AT
	struct build_file file = {0};
	int rc = doc_read_fields(doc, node, fields, ARRAY_SIZE(fields), &file, err);

	if (!rc && file.git && *file.git == '-')
		rc = value_error(doc, node, "git", err, _("\"git\" must not start with '-'"));
	if (!rc && file.ref && *file.ref == '-')
		rc = value_error(doc, node, "ref", err, _("\"ref\" must not start with '-'"));
	if (!rc)
		*out = (struct build_decl){
			.git = arena_strdup(arena, file.git),
			.ref = arena_strdup(arena, file.ref),
			.host = arena_strdup(arena, file.host),
			.command = arena_strdup(arena, file.command),
			.artifact = arena_strdup(arena, file.artifact),
		};
	free(file.git);
	free(file.ref);
	free(file.host);
	free(file.command);
	free(file.artifact);
	return rc;
}

/* A path inside the workspace, nothing hidden on the way (".git" holds what must not be shown). */
static bool is_inside(const char *path)
{
	if (*path == '/' || !*path)
		return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (*part == '.' || *part == '/' || !*part)
			return false;
	}
	return true;
}

/* What one key says about another. */
static int check_app(const struct doc *doc, const struct app_file *file, struct err *err)
{
	const json_t *root = doc->root;

	if (str_eq(file->job_name, ""))
		return value_error(doc, root, "jobName", err, _("\"jobName\" is empty"));
	if (file->sql && file->sql_file)
		return doc_key_error(doc, root, "sql-file", err,
			_("\"sql\" and \"sql-file\": only one of them"));
	if (file->sql_file && !is_inside(file->sql_file))
		return value_error(doc, root, "sql-file", err,
			_("\"sql-file\" is a path inside the workspace, as sql/orders.sql, with no "
			  "name that starts with '.'"));
	if (file->type != APP_SQL && file->type != APP_TYPE_NONE && (file->sql || file->sql_file))
		return doc_key_error(doc, root, file->sql ? "sql" : "sql-file", err,
			_("SQL needs \"type: sql\", the type is %s"), app_type_words[file->type]);
	if (str_eq(file->artifact, "build") && !file->build)
		return value_error(doc, root, "artifact", err,
			_("\"artifact: build\" needs \"build\" with a command and its artifact"));
	return 0;
}

static int read_app(const struct doc *doc, struct parsed *parsed, const char *team, struct err *err)
{
	struct app_file file = {.type = APP_TYPE_NONE, .target = TARGET_NONE, .parallelism = -1};
	struct arena *arena = parsed->arena;
	struct app_decl *app = &parsed->app;
	int rc = doc_read_fields(doc, doc->root, app_fields, ARRAY_SIZE(app_fields), &file, err);

	if (!rc)
		rc = check_app(doc, &file, err);
	if (!rc && file.build)
		rc = read_build(doc, file.build, arena, &app->build, err);
	if (!rc) {
		struct doc_place place = doc_place(doc, json_object_get(doc->root, "name"));
		parsed->name_line = place.line;
		parsed->name_column = place.column;
		place = doc_place(doc, json_object_get(doc->root, "sql-file"));
		parsed->sql_line = place.line;
		parsed->sql_column = place.column;
		app->team = arena_strdup(arena, team);
		app->name = arena_strdup(arena, file.name);
		app->job_name = file.job_name ? arena_strdup(arena, file.job_name) : app->name;
		app->type = file.type;
		app->target = file.target;
		app->flink_env = arena_strdup(arena, file.flink_env);
		app->cluster = arena_strdup(arena, file.cluster);
		app->artifact = arena_strdup(arena, file.artifact);
		app->main_class = arena_strdup(arena, file.main_class);
		app->owner = arena_strdup(arena, file.owner);
		app->sql = arena_strdup(arena, file.sql);
		app->sql_file = arena_strdup(arena, file.sql_file);
		app->args = copy_list(arena, file.args, &app->arg_count);
		app->tags = copy_list(arena, file.tags, &app->tag_count);
		app->properties = copy_settings(arena, file.properties, &app->property_count);
		app->parallelism = (int)file.parallelism;
		app->priority = (int)file.priority;
		app->allow_secret_argv = file.allow_secret_argv;
		app->has_build = file.build != NULL;
	}
	app_file_release(&file);
	return rc;
}

/* ---- teams ---- */

static int read_team(
	const struct doc *doc, struct parsed *parsed, const char *name, struct err *err)
{
#define AT(member) offsetof(struct team_file, member)
	static const struct doc_field fields[] = {
		{"apiVersion", DOC_ENUM, AT(version), true, 0, 0, version_words},
		{"kind", DOC_ENUM, AT(kind), true, 0, 0, team_kind_words},
		{"name", DOC_NAME, AT(name), false, 0, 0, NULL},
		{"title", DOC_STRING, AT(title), false, 0, 0, NULL},
		{"owner", DOC_STRING, AT(owner), false, 0, 0, NULL},
		{"members", DOC_STRINGS, AT(members), false, 0, 0, NULL},
		{"variables", DOC_MAP, AT(variables), false, 0, 0, NULL},
	};
#undef AT
	struct team_file file = {0};
	struct arena *arena = parsed->arena;
	struct team_decl *team = &parsed->team;
	int rc = doc_read_fields(doc, doc->root, fields, ARRAY_SIZE(fields), &file, err);

	if (!rc && file.name && !str_eq(file.name, name))
		rc = doc_error(doc, json_object_get(doc->root, "name"), err,
			_("the team is \"%s\", as its folder: leave \"name\" out or make it the "
			  "same"),
			name);
	if (!rc) {
		team->name = arena_strdup(arena, name);
		team->title = arena_strdup(arena, file.title);
		team->owner = arena_strdup(arena, file.owner);
		team->members = copy_list(arena, file.members, &team->member_count);
		team->variables = copy_settings(arena, file.variables, &team->variable_count);
	}
	free(file.name);
	free(file.title);
	free(file.owner);
	json_decref(file.members);
	json_decref(file.variables);
	return rc;
}

/* ---- files ---- */

typedef int (*read_fn)(
	const struct doc *doc, struct parsed *parsed, const char *team, struct err *err);

static struct parsed *parse_file(read_fn read, const char *team, const char *path, const char *text,
	size_t len, const char *empty)
{
	struct parsed *parsed = parsed_new();
	struct err err = {0};
	struct doc *doc = doc_parse_yaml(path, text, len, &err);
	int rc = E_CONFIG;

	if (doc && !doc->root)
		doc_error(doc, NULL, &err, "%s", empty);
	else if (doc)
		rc = read(doc, parsed, team, &err);
	doc_free(doc);
	if (!rc) {
		parsed->app.path = parsed->team.path = arena_strdup(parsed->arena, path);
		return parsed;
	}
	parsed_free(parsed);
	return parsed_broken(team, path, err.text);
}

struct parsed *parsed_app(const char *team, const char *path, const char *text, size_t len)
{
	struct parsed *parsed = parse_file(read_app, team, path, text, len,
		_("the file is empty: it needs \"apiVersion\", \"kind\" and \"name\""));

	if (!parsed->app.error) {
		char *copy = xstrndup(text, len); /* no NUL inside: YAML allows none */
		char *clean = redact_dup(copy);
		parsed->app.text = arena_strdup(parsed->arena, clean);
		mem_wipe(copy, strlen(copy));
		free(copy);
		free(clean);
	}
	return parsed;
}

struct parsed *parsed_team(const char *team, const char *path, const char *text, size_t len)
{
	return parse_file(read_team, team, path, text, len,
		_("the file is empty: it needs \"apiVersion\" and \"kind\""));
}
