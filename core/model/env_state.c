#include "core/model/env_state.h"

#include <stdlib.h>

const char *const env_found_words[] = {
	"unknown", "ok", "incomplete", "missing", "unreadable", "no Flink", "unreachable", NULL};
const char *const gateway_found_words[] = {NULL, "ok", "wrong", "unreachable"};

struct env_state *env_state_new(const char *context, const char *name, const char *home,
	const char *host, const char *sql_gateway)
{
	struct arena *arena = arena_new();
	struct env_state *state = arena_alloc(arena, sizeof(*state));

	*state = (struct env_state){
		.arena = arena,
		.ref = arena_printf(arena, "%s/env/%s", context, name),
		.context = arena_strdup(arena, context),
		.name = arena_strdup(arena, name),
		.home = arena_strdup(arena, home),
		.host = arena_strdup(arena, host),
		.sql_gateway = arena_strdup(arena, sql_gateway),
	};
	return state;
}

void env_state_free(struct env_state *state)
{
	if (state)
		arena_free(state->arena);
}

int java_major(const char *version)
{
	char *end;
	long first = version ? strtol(version, &end, 10) : 0;

	if (first == 1 && *end == '.')
		first = strtol(end + 1, NULL, 10);
	return first > 0 && first < 1000 ? (int)first : 0;
}

bool env_java_fits(const char *flink_version, const char *java_version)
{
	int java = java_major(java_version);
	long flink = flink_version ? strtol(flink_version, NULL, 10) : 0;

	return !java || !flink || java >= (flink >= 2 ? 11 : 8);
}
