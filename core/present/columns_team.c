/* The columns of a team: who it is, and how its applications are. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/present/value.h"

#define TEAM(name) const struct team *name = item
#define UNUSED_ENV (void)env

static struct value get_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_text(team->decl->name);
}

static struct value get_title(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_text(team->decl->title);
}

static struct value get_owner(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_text(team->decl->owner);
}

static struct value get_members(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_texts(team->decl->members, team->decl->member_count);
}

static struct value get_context(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_text(team->context);
}

static struct value get_apps(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->apps);
}

/* None is nothing to look at. */
static enum tone tone_of(int count, enum tone tone)
{
	return count > 0 ? tone : TONE_DIM;
}

/* Of how many in a state: the column's value and its tone. */
#define COUNTED(word, state, its_tone)                                                             \
	static struct value get_##word(const void *item, const struct present_env *env)            \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		TEAM(team);                                                                        \
		return value_of_number(VALUE_INT, team->counts[state]);                            \
	}                                                                                          \
	static enum tone tone_##word(const void *item, const struct present_env *env)              \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		TEAM(team);                                                                        \
		return tone_of(team->counts[state], its_tone);                                     \
	}
COUNTED(running, STATE_RUNNING, TONE_OK)
COUNTED(restarting, STATE_RESTARTING, TONE_WARN)
COUNTED(failed, STATE_FAILED, TONE_ERROR)
COUNTED(lost, STATE_LOST, TONE_ERROR)
COUNTED(unreachable, STATE_UNREACHABLE, TONE_WARN)
COUNTED(canceled, STATE_CANCELED, TONE_NORMAL)
COUNTED(finished, STATE_FINISHED, TONE_NORMAL)
COUNTED(suspended, STATE_SUSPENDED, TONE_NORMAL)
COUNTED(starting, STATE_STARTING, TONE_NORMAL)
COUNTED(stopping, STATE_STOPPING, TONE_NORMAL)
COUNTED(added, STATE_ADDED, TONE_NORMAL)
COUNTED(unknown, STATE_UNKNOWN, TONE_NORMAL)

static int sick_of(const struct team *team)
{
	int sick = 0;
	for (int i = 0; i < STATE_MAX; i++)
		if (app_state_is_sick((enum app_state)i))
			sick += team->counts[i];
	return sick;
}

static struct value get_sick(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	return value_of_number(VALUE_INT, sick_of(item));
}

static enum tone tone_sick(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	return tone_of(sick_of(item), TONE_ERROR);
}

static struct value get_error(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_text(team->decl->error);
}

static enum tone tone_error(const void *item, const struct present_env *env)
{
	(void)item;
	UNUSED_ENV;
	return TONE_ERROR;
}

/* As wide as its title. */
#define COUNT_COLUMN(word, its_title, its_priority, in_wide)                                       \
	{                                                                                          \
		.key = #word, .title = its_title, .get = get_##word, .tone = tone_##word,          \
		.min_cols = sizeof(its_title) - 1, .max_cols = sizeof(its_title) - 1,              \
		.priority = its_priority, .is_right = true, .is_wide = in_wide                     \
	}

static const struct column columns[] = {
	{.key = "name",
		.title = N_("NAME"),
		.get = get_name,
		.min_cols = 10,
		.max_cols = 24,
		.priority = 1},
	{.key = "title",
		.title = N_("TITLE"),
		.get = get_title,
		.min_cols = 8,
		.max_cols = 30,
		.priority = 4},
	{.key = "owner",
		.title = N_("OWNER"),
		.get = get_owner,
		.min_cols = 5,
		.max_cols = 16,
		.priority = 3},
	{.key = "apps",
		.title = N_("APPS"),
		.get = get_apps,
		.min_cols = 4,
		.max_cols = 6,
		.priority = 1,
		.is_right = true},
	COUNT_COLUMN(running, N_("RUNNING"), 2, false),
	{.key = "sick",
		.title = N_("SICK"),
		.get = get_sick,
		.tone = tone_sick,
		.min_cols = 4,
		.max_cols = 6,
		.priority = 2,
		.is_right = true},
	COUNT_COLUMN(restarting, N_("RESTARTING"), 5, false),
	COUNT_COLUMN(failed, N_("FAILED"), 4, false),
	COUNT_COLUMN(lost, N_("LOST"), 4, false),
	COUNT_COLUMN(unreachable, N_("UNREACHABLE"), 5, false),
	COUNT_COLUMN(canceled, N_("CANCELED"), 7, false),
	COUNT_COLUMN(finished, N_("FINISHED"), 7, false),
	COUNT_COLUMN(suspended, N_("SUSPENDED"), 8, true),
	COUNT_COLUMN(starting, N_("STARTING"), 8, true),
	COUNT_COLUMN(stopping, N_("STOPPING"), 8, true),
	COUNT_COLUMN(added, N_("ADDED"), 9, true),
	COUNT_COLUMN(unknown, N_("UNKNOWN"), 9, true),
	{.key = "members",
		.title = N_("MEMBERS"),
		.get = get_members,
		.min_cols = 8,
		.max_cols = 40,
		.priority = 6},
	{.key = "lastError",
		.title = N_("ERROR"),
		.get = get_error,
		.tone = tone_error,
		.min_cols = 8,
		.max_cols = 0,
		.priority = 6},
	{.key = "context",
		.title = N_("CONTEXT"),
		.get = get_context,
		.min_cols = 7,
		.max_cols = 16,
		.priority = 7,
		.is_wide = true},
};

static void filter_text(const void *item, struct buf *out)
{
	TEAM(team);
	buf_addf(out, "%s\n%s\n%s\n", team->decl->name, team->decl->title ? team->decl->title : "",
		team->decl->owner ? team->decl->owner : "");
}

const struct column_table team_table = {
	.kind = "TeamList",
	.name = "teams",
	.item_name = N_("team"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_TEAM,
	.items = fleet_items,
	.find = fleet_item,
	.filter_text = filter_text,
};
