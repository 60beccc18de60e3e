/*
 * A verb on many applications: an action for each, planned and begun in the order of many.h. Each has
 * its own row, its own restore point and its own toast, as if it had been asked for alone.
 */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "tui/ui/many.h"
#include "tui/ui/ui_going.h"

struct ui_one {
	struct ui_many *many;
	size_t index;
	char *ref, *name;
	struct going *going; /* until it goes */
	char *calls, *warnings, *restore_path, *refused;
	bool is_named;
};

struct ui_many {
	struct ui_actions *actions;
	struct many *order;
	enum command_id id;
	struct ui_one *ones;
	size_t count;
	bool is_going;
	char *first_failure;
};

void ui_many_free(struct ui_many *many)
{
	if (!many)
		return;
	for (size_t i = 0; i < many->count; i++) {
		struct ui_one *one = &many->ones[i];
		if (one->going) {
			action_drop(one->going->action);
			going_free(one->going);
		}
		free(one->ref);
		free(one->name);
		free(one->calls);
		free(one->warnings);
		free(one->restore_path);
		free(one->refused);
	}
	many_free(many->order);
	free(many->ones);
	free(many->first_failure);
	free(many);
}

/* -- plans -- */

static void refuse(struct ui_one *one, const char *why)
{
	one->refused = xstrdup(why);
	many_planned(one->many->order, one->index, false);
}

static void on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct going *going = data;
	struct ui_one *one = going->one;

	if (err || plan->typed || plan->command) {
		if (!err)
			action_drop(action);
		going_free(going);
		one->going = NULL;
		/* What a person has to read and type for each is not lost among many. */
		refuse(one,
			err ? err->text
				: plan->command
				? _("its build command is new here: build it alone, once")
				: _("it asks for a name to be typed: do it alone"));
		return;
	}
	going->action = action;
	one->calls = xstrdup(plan->calls);
	one->warnings = xstrdup_null(plan->warnings);
	one->restore_path = xstrdup_null(plan->restore_path);
	one->is_named = going->is_named;
	many_planned(one->many->order, one->index, true);
}

static void plan_one(void *data, size_t i)
{
	struct ui_many *many = data;
	struct ui_one *one = &many->ones[i];

	one->going = going_new(
		many->actions, many->id, one->ref, &(struct action_args){0}, on_prepared, one);
	if (!one->going) {
		refuse(one, _("this application is not known any more"));
		return;
	}
	free(one->name);
	one->name = xstrdup(one->going->name);
}

static void on_planned(void *data)
{
	struct ui_many *many = data;
	struct ui_actions *actions = many->actions;
	struct screen_many_row *rows = xcalloc(many->count + 1, sizeof(*rows));
	struct screen_many plan = {.rows = rows, .count = many->count};

	for (size_t i = 0; i < many->count; i++) {
		const struct ui_one *one = &many->ones[i];
		rows[i] = (struct screen_many_row){
			.name = one->name,
			.calls = one->calls,
			.warnings = one->warnings,
			.restore_path = one->restore_path,
			.refused = one->refused,
		};
		plan.is_typed = plan.is_typed || one->is_named;
	}
	screen_many_planned(actions->screen, &plan, NULL);
	free(rows);
	actions->wake(actions->data);
}

/* -- runs -- */

static void go_one(void *data, size_t i)
{
	struct ui_one *one = &((struct ui_many *)data)->ones[i];
	struct going *going = one->going;

	one->going = NULL;
	going_go(going);
}

static void drop_one(void *data, size_t i)
{
	struct ui_one *one = &((struct ui_many *)data)->ones[i];

	action_drop(one->going->action);
	going_free(one->going);
	one->going = NULL;
}

static void tell_end(struct ui_many *many)
{
	size_t failed = many_count(many->order, MANY_FAILED);
	size_t left = many_count(many->order, MANY_LEFT);
	struct buf text;

	buf_init(&text, 0);
	buf_addf(&text, _("%s: %zu done"), act_find(many->id)->name,
		many_count(many->order, MANY_DONE));
	if (failed)
		buf_addf(&text, _(", %zu failed"), failed);
	if (left)
		buf_addf(&text, _(", %zu not begun (still marked: the same key goes on with them)"),
			left);
	if (many->first_failure)
		buf_addf(&text, ": %s", many->first_failure);
	screen_toast(many->actions->screen, failed ? STYLE_ERROR : STYLE_OK, buf_str(&text));
	many->actions->wake(many->actions->data);
	buf_release(&text);
}

static void on_ended(void *data)
{
	struct ui_many *many = data;

	if (many->is_going)
		tell_end(many);
	many->actions->many = NULL;
	ui_many_free(many);
}

void ui_many_began(struct ui_one *one)
{
	screen_many_unmark(one->many->actions->screen, one->ref);
}

void ui_many_ended(struct ui_one *one, const struct run *run, const struct err *err)
{
	struct ui_many *many = one->many;

	ui_many_began(one);
	if (err && !many->first_failure)
		many->first_failure = xasprintf(
			"%s: %s", one->name, run && run->outcome ? run->outcome : err->text);
	many_ended(many->order, one->index, err == NULL);
}

/* -- as the screen asks for it -- */

static const struct many_ops ops = {plan_one, on_planned, go_one, drop_one, on_ended};

void ui_actions_plan_many(
	struct ui_actions *actions, enum command_id id, const char *const *refs, size_t count)
{
	struct ui_many *many;
	struct err err;

	if (actions->many && actions->many->is_going) {
		err_set(&err, E_CONFLICT,
			_("others are still being done one after the other: Esc begins no more of "
			  "them"));
		screen_many_planned(actions->screen, NULL, &err);
		return;
	}
	ui_actions_many_stop(actions);
	many = actions->many = xcalloc(1, sizeof(*many));
	many->actions = actions;
	many->id = id;
	many->count = count;
	many->ones = xcalloc(count + 1, sizeof(*many->ones));
	for (size_t i = 0; i < count; i++)
		many->ones[i] = (struct ui_one){.many = many,
			.index = i,
			.ref = xstrdup(refs[i]),
			.name = xstrdup(refs[i])};
	many->order = many_new(count, &ops, many);
	many_begin(many->order);
}

void ui_actions_many_go(struct ui_actions *actions, struct screen_many_pace pace)
{
	struct ui_many *many = actions->many;

	if (!many)
		return;
	for (size_t i = 0; i < many->count; i++)
		if (many->ones[i].refused)
			screen_many_unmark(actions->screen, many->ones[i].ref);
	many->is_going = true;
	many_go(many->order, pace.first, pace.at_once);
}

void ui_actions_many_stop(struct ui_actions *actions)
{
	if (actions->many)
		many_stop(actions->many->order);
}

size_t ui_actions_many_left(const struct ui_actions *actions)
{
	const struct ui_many *many = actions->many;

	return many && many->is_going ? many_count(many->order, MANY_READY) : 0;
}
