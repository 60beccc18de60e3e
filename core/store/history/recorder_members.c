/*
 * A list says who is there, not what happened: gone is who was in the last one and is not in this one.
 * The number may be ahead of the names, or the other way round; whichever comes first begins the
 * change, and it is told when both are known, or when waiting has been long enough.
 */
#include "core/store/history/recorder_members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/history/recorder_job.h"

void members_init(struct members *members)
{
	*members = (struct members){.count = -1, .slots = -1, .slots_free = -1};
}

static void members_clear(member_vec *list)
{
	for (size_t i = 0; i < list->len; i++) {
		free(list->data[i].id);
		free(list->data[i].host);
	}
	vec_release(list);
	*list = (member_vec){0};
}

void members_release(struct members *members)
{
	members_clear(&members->list);
	members_clear(&members->gone);
	members_clear(&members->come);
}

/* ---- why ---- */

#define LOST_MARK "TaskManager with id "

/* "TaskManager with id tm-1(host:6122) is no longer reachable." → the id, and the sentence. */
static void reason_read(struct reasons *reasons, const char *text)
{
	const char *mark = text ? strstr(text, LOST_MARK) : NULL;

	if (!mark)
		return;
	const char *id = mark + strlen(LOST_MARK);
	size_t id_len = strcspn(id, " (\n"), len = strcspn(mark, "\n");
	struct reason *slot = NULL;

	if (!id_len)
		return;
	/* Of one that was lost before, the newest. */
	for (size_t i = 0; i < REASONS_KEPT && !slot; i++)
		if (reasons->last[i].id && strlen(reasons->last[i].id) == id_len &&
			strncmp(reasons->last[i].id, id, id_len) == 0)
			slot = &reasons->last[i];
	if (!slot) {
		slot = &reasons->last[reasons->next];
		reasons->next = (reasons->next + 1) % REASONS_KEPT;
	}
	/* Where it listens is in the list, too. */
	const char *why = id + id_len, *end = mark + len;
	const char *closing = *why == '(' ? memchr(why, ')', (size_t)(end - why)) : NULL;
	why = closing ? closing + 1 : why;
	free(slot->id);
	free(slot->why);
	slot->id = xstrndup(id, id_len);
	slot->why = xstrndup(why, (size_t)(end - why));
}

void reasons_note(struct reasons *reasons, const struct job_detail *detail)
{
	for (size_t i = detail->exception_count; i > 0; i--)
		reason_read(reasons, detail->exceptions[i - 1].text);
}

void reasons_release(struct reasons *reasons)
{
	for (size_t i = 0; i < REASONS_KEPT; i++) {
		free(reasons->last[i].id);
		free(reasons->last[i].why);
	}
}

/* " is no longer reachable"; NULL = it did not say. */
static const char *why_of(const struct reasons *reasons, const char *id)
{
	for (size_t i = 0; i < REASONS_KEPT; i++)
		if (str_eq(reasons->last[i].id, id))
			return reasons->last[i].why;
	return NULL;
}

/* ---- telling ---- */

static void add_named(
	struct buf *out, const char *word, const member_vec *list, const struct reasons *reasons)
{
	if (!list->len)
		return;
	buf_addf(out, "%s%s: ", out->len ? "; " : "", word);
	for (size_t i = 0; i < list->len && i < MEMBERS_NAMED; i++) {
		const struct member *member = &list->data[i];
		const char *why = reasons ? why_of(reasons, member->id) : NULL;

		buf_addf(out, "%s%s", i ? ", " : "", member->id);
		if (member->host)
			buf_addf(out, " (%s)", member->host);
		if (why)
			buf_addf(
				out, "%s%.*s", *why == ' ' ? "" : " ", (int)strcspn(why, "."), why);
	}
	if (list->len > MEMBERS_NAMED)
		buf_addf(out, N_(" and %zu more"), list->len - MEMBERS_NAMED);
}

static bool is_told_whole(
	const struct members *members, const struct reasons *reasons, int64_t now_ms)
{
	int64_t waited_ms = now_ms - members->since_ms;

	if (!members->gone.len && !members->come.len)
		return !members->has_list || waited_ms >= MEMBERS_NAMES_MS;
	for (size_t i = 0; i < members->gone.len && i < MEMBERS_NAMED; i++)
		if (!why_of(reasons, members->gone.data[i].id))
			return waited_ms >= MEMBERS_WHY_MS;
	return true;
}

static void members_tell(struct members *members, const struct reasons *reasons,
	struct batch *cache, const char *ref)
{
	char from[16], to[16];
	struct buf text;

	snprintf(from, sizeof(from), "%d", members->from);
	snprintf(to, sizeof(to), "%d", members->count);
	buf_init(&text, 0);
	add_named(&text, N_("gone"), &members->gone, reasons);
	add_named(&text, N_("come"), &members->come, NULL);
	if (members->slots >= 0 && text.len)
		buf_adds(&text, "; ");
	if (members->slots >= 0)
		buf_addf(&text, N_("%d slots, %d free"), members->slots, members->slots_free);
	struct event event = {.ref = ref,
		.time_ms = members->since_ms,
		.from = from,
		.to = to,
		.text = text.len ? buf_str(&text) : NULL};
	/* Gone and back before it was told, and nobody can say who. */
	if (members->from != members->count || members->gone.len || members->come.len)
		recorder_event(cache, &event, EVENT_TASKMANAGERS);
	buf_release(&text);
	members_clear(&members->gone);
	members_clear(&members->come);
	members->is_waiting = false;
}

/* ---- what is heard ---- */

static void change_begin(struct members *members, int64_t time_ms)
{
	if (members->is_waiting)
		return;
	members->is_waiting = true;
	members->from = members->count;
	members->since_ms = time_ms;
}

static void note_count(
	struct members *members, const struct cluster_status *status, int64_t time_ms)
{
	int count = status->taskmanagers;

	members->slots = status->slots_total;
	members->slots_free = status->slots_free;
	if (count < 0 || count == members->count)
		return;
	/* A first count is no change. */
	if (members->count >= 0)
		change_begin(members, time_ms);
	members->count = count;
}

static void add_member(member_vec *list, const char *id, const char *host)
{
	struct member member = {xstrdup(id), xstrdup_null(host)};

	vec_push(list, member);
}

static struct map *map_of(const member_vec *list)
{
	struct map *map = map_new();

	for (size_t i = 0; i < list->len; i++)
		map_put(map, list->data[i].id, &list->data[i]);
	return map;
}

static void note_list(struct members *members, const struct snapshot *told)
{
	member_vec now = {0};
	struct map *former = map_of(&members->list);
	bool has_changed = false;
	int slots = 0, slots_free = 0;

	for (size_t i = 0; i < told->taskmanager_count; i++) {
		const struct taskmanager *one = &told->taskmanagers[i];

		add_member(&now, one->id, one->host);
		slots += one->slots_total > 0 ? one->slots_total : 0;
		slots_free += one->slots_free > 0 ? one->slots_free : 0;
		if (!members->has_list || map_get(former, one->id))
			continue;
		add_member(&members->come, one->id, one->host);
		has_changed = true;
	}
	struct map *present = map_of(&now);
	for (size_t i = 0; i < members->list.len; i++) {
		const struct member *one = &members->list.data[i];

		if (map_get(present, one->id))
			continue;
		add_member(&members->gone, one->id, one->host);
		has_changed = true;
	}
	members->slots = slots;
	members->slots_free = slots_free;
	if (has_changed) {
		change_begin(members, told->observed_ms);
		members->count = (int)told->taskmanager_count;
	}
	map_free(former);
	map_free(present);
	members_clear(&members->list);
	members->list = now;
	members->has_list = true;
}

void members_note(struct members *members, const struct reasons *reasons, struct batch *cache,
	const struct snapshot *cause, const struct cluster *cluster)
{
	if (cause->kind == SNAPSHOT_TASKMANAGERS)
		note_list(members, cause);
	else
		note_count(members, &cluster->status, cause->observed_ms);
	/* What is only remembered is no change. */
	if (!cache) {
		members_clear(&members->gone);
		members_clear(&members->come);
		members->is_waiting = false;
	}
	if (members->is_waiting && is_told_whole(members, reasons, cause->observed_ms))
		members_tell(members, reasons, cache, cluster->ref);
}

void members_settle(struct members *members, const struct reasons *reasons, struct batch *cache,
	const char *ref)
{
	if (members->is_waiting)
		members_tell(members, reasons, cache, ref);
}
