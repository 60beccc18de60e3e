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

static struct value get_running(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_RUNNING]);
}

static struct value get_restarting(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_RESTARTING]);
}

static struct value get_failed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_FAILED]);
}

static struct value get_lost(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_LOST]);
}

static struct value get_unreachable(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_UNREACHABLE]);
}

static struct value get_canceled(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_CANCELED]);
}

static struct value get_finished(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_FINISHED]);
}

static struct value get_suspended(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_SUSPENDED]);
}

static struct value get_starting(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_STARTING]);
}

static struct value get_stopping(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_STOPPING]);
}

static struct value get_added(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_ADDED]);
}

static struct value get_unknown(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return value_of_number(VALUE_INT, team->counts[STATE_UNKNOWN]);
}

/* None is nothing to look at. */
static enum tone tone_of(int count, enum tone tone)
{
	return count > 0 ? tone : TONE_DIM;
}

static enum tone tone_running(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_RUNNING], TONE_OK);
}

static enum tone tone_restarting(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_RESTARTING], TONE_WARN);
}

static enum tone tone_failed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_FAILED], TONE_ERROR);
}

static enum tone tone_lost(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_LOST], TONE_ERROR);
}

static enum tone tone_unreachable(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_UNREACHABLE], TONE_WARN);
}

static enum tone tone_canceled(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_CANCELED], TONE_NORMAL);
}

static enum tone tone_finished(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_FINISHED], TONE_NORMAL);
}

static enum tone tone_suspended(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_SUSPENDED], TONE_NORMAL);
}

static enum tone tone_starting(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_STARTING], TONE_NORMAL);
}

static enum tone tone_stopping(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_STOPPING], TONE_NORMAL);
}

static enum tone tone_added(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_ADDED], TONE_NORMAL);
}

static enum tone tone_unknown(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	TEAM(team);
	return tone_of(team->counts[STATE_UNKNOWN], TONE_NORMAL);
}

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
	{.key = "running",
		.title = N_("RUNNING"),
		.get = get_running,
		.tone = tone_running,
		.min_cols = 7,
		.max_cols = 7,
		.priority = 2,
		.is_right = true},
	{.key = "sick",
		.title = N_("SICK"),
		.get = get_sick,
		.tone = tone_sick,
		.min_cols = 4,
		.max_cols = 6,
		.priority = 2,
		.is_right = true},
	{.key = "restarting",
		.title = N_("RESTARTING"),
		.get = get_restarting,
		.tone = tone_restarting,
		.min_cols = 10,
		.max_cols = 10,
		.priority = 5,
		.is_right = true},
	{.key = "failed",
		.title = N_("FAILED"),
		.get = get_failed,
		.tone = tone_failed,
		.min_cols = 6,
		.max_cols = 6,
		.priority = 4,
		.is_right = true},
	{.key = "lost",
		.title = N_("LOST"),
		.get = get_lost,
		.tone = tone_lost,
		.min_cols = 4,
		.max_cols = 4,
		.priority = 4,
		.is_right = true},
	{.key = "unreachable",
		.title = N_("UNREACHABLE"),
		.get = get_unreachable,
		.tone = tone_unreachable,
		.min_cols = 11,
		.max_cols = 11,
		.priority = 5,
		.is_right = true},
	{.key = "canceled",
		.title = N_("CANCELED"),
		.get = get_canceled,
		.tone = tone_canceled,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 7,
		.is_right = true},
	{.key = "finished",
		.title = N_("FINISHED"),
		.get = get_finished,
		.tone = tone_finished,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 7,
		.is_right = true},
	{.key = "suspended",
		.title = N_("SUSPENDED"),
		.get = get_suspended,
		.tone = tone_suspended,
		.min_cols = 9,
		.max_cols = 9,
		.priority = 8,
		.is_right = true,
		.is_wide = true},
	{.key = "starting",
		.title = N_("STARTING"),
		.get = get_starting,
		.tone = tone_starting,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 8,
		.is_right = true,
		.is_wide = true},
	{.key = "stopping",
		.title = N_("STOPPING"),
		.get = get_stopping,
		.tone = tone_stopping,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 8,
		.is_right = true,
		.is_wide = true},
	{.key = "added",
		.title = N_("ADDED"),
		.get = get_added,
		.tone = tone_added,
		.min_cols = 5,
		.max_cols = 5,
		.priority = 9,
		.is_right = true,
		.is_wide = true},
	{.key = "unknown",
		.title = N_("UNKNOWN"),
		.get = get_unknown,
		.tone = tone_unknown,
		.min_cols = 7,
		.max_cols = 7,
		.priority = 9,
		.is_right = true,
		.is_wide = true},
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
