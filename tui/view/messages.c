/*
 * What is wrong now (the store, clusters that do not answer, files that are broken), and below it what went
 * wrong before and when. The first part is read from the fleet at each change; the second is a ring
 * that the screen fills.
 */
#include "tui/view/messages.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/present/outage.h"
#include "tui/view/offer.h"
#include "tui/view/pager_view.h"

struct messages_view {
	struct view view;
	struct pager *pager;
	int64_t written_s;
};

/* -- the ring -- */

void message_log_add(struct message_log *log, int64_t time_ms, enum style style, const char *text)
{
	struct message *slot = &log->messages[log->next];

	free(slot->text);
	*slot = (struct message){time_ms, style, xstrdup(text)};
	log->next = (log->next + 1) % MESSAGES_MAX;
	if (log->count < MESSAGES_MAX)
		log->count++;
}

const struct message *message_log_at(const struct message_log *log, size_t index)
{
	if (index >= log->count)
		return NULL;
	return &log->messages[(log->next + MESSAGES_MAX - 1 - index) % MESSAGES_MAX];
}

void message_log_release(struct message_log *log)
{
	for (size_t i = 0; i < MESSAGES_MAX; i++)
		free(log->messages[i].text);
	*log = (struct message_log){0};
}

/* -- the view -- */

static struct messages_view *messages_of(const struct view *view)
{
	return (struct messages_view *)view;
}

static void write_row(struct pager *pager, const char *when, enum style style, const char *text)
{
	pager_wrap(pager, 21);
	pager_add(pager, STYLE_DIM, when);
	pager_tab(pager, 21);
	pager_add(pager, style, text);
	pager_end_line(pager);
}

static size_t write_store(struct pager *pager, const struct err *problem)
{
	if (!problem->code)
		return 0;
	write_row(pager, _("store"), STYLE_ERROR, problem->text);
	return 1;
}

static void write_cluster(
	struct pager *pager, const struct outage_member *member, const struct present_env *env)
{
	const struct cluster *cluster = member->cluster;
	bool is_changing = cluster->is_leader_changing;
	struct buf when, text;

	buf_init(&when, 0);
	buf_init(&text, 0);
	format_age(cluster->asked_ms, env->now_ms, &when);
	buf_adds(&when, _(" ago"));
	buf_addf(&text, _("%s: %s%s (%d polls without an answer)"), cluster->name,
		is_changing ? _("leader changing: ") : "", member->text, cluster->misses);
	write_row(pager, buf_str(&when), is_changing ? STYLE_WARN : STYLE_ERROR, buf_str(&text));
	buf_release(&when);
	buf_release(&text);
}

static void write_outage(
	struct pager *pager, const struct outage *outage, const struct present_env *env)
{
	int64_t asked_ms = 0;
	struct buf when, text;

	buf_init(&when, 0);
	buf_init(&text, 0);
	for (size_t i = 0; i < outage->members.len; i++)
		if (outage->members.data[i].cluster->asked_ms > asked_ms)
			asked_ms = outage->members.data[i].cluster->asked_ms;
	if (outage_text(outage, &text)) {
		format_age(asked_ms, env->now_ms, &when);
		buf_adds(&when, _(" ago"));
		write_row(pager, buf_str(&when), STYLE_ERROR, buf_str(&text));
	} else {
		for (size_t i = 0; i < outage->members.len; i++)
			write_cluster(pager, &outage->members.data[i], env);
	}
	buf_release(&when);
	buf_release(&text);
}

static size_t write_clusters(
	struct pager *pager, const struct fleet *fleet, const struct present_env *env)
{
	size_t count, written = 0;
	struct cluster *const *clusters = fleet_clusters(fleet, &count);
	struct map *outages = outages_new();
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < count; i++) {
		if (clusters[i]->history_err.code) {
			buf_reset(&text);
			buf_addf(&text, _("%s: what has ended cannot be told: %s"),
				clusters[i]->name, clusters[i]->history_err.text);
			write_row(pager, _("ended jobs"), STYLE_WARN, buf_str(&text));
			written++;
		}
		if (clusters[i]->last_err.code)
			outages_add(outages, clusters[i], clusters[i]->last_err.text);
	}
	map_each (entry, outages) {
		write_outage(pager, map_value(entry), env);
		written++;
	}
	outages_free(outages);
	buf_release(&text);
	return written;
}

static size_t write_workspace(struct pager *pager, const struct view_host *host)
{
	size_t count, written = 0;
	struct app *const *apps = fleet_apps(host->fleet, &count);

	for (size_t i = 0; i < host->context_count; i++) {
		const struct err *err = fleet_workspace_error(host->fleet, host->contexts[i]);
		if (err)
			write_row(pager, _("workspace"), STYLE_ERROR, err->text), written++;
	}
	for (size_t i = 0; i < count; i++)
		if (apps[i]->decl && apps[i]->decl->error)
			write_row(pager, _("workspace"), STYLE_ERROR, apps[i]->decl->error),
				written++;
	struct team *const *teams = fleet_teams(host->fleet, &count);
	for (size_t i = 0; i < count; i++)
		if (teams[i]->decl->error)
			write_row(pager, _("workspace"), STYLE_ERROR, teams[i]->decl->error),
				written++;
	return written;
}

static void write_polling(struct pager *pager, const struct view_host *host)
{
	struct buf words;

	buf_init(&words, 0);
	for (size_t i = 0; host->polling && i < host->context_count; i++) {
		buf_reset(&words);
		host->polling(host->data, i, &words);
		if (words.len)
			write_row(pager, host->contexts[i], STYLE_TEXT, buf_str(&words));
	}
	buf_release(&words);
}

static void messages_write(struct messages_view *messages, const struct present_env *env)
{
	const struct view_host *host = messages->view.host;
	struct pager *pager = messages->pager;
	const struct message *message;
	size_t written;

	pager_begin(pager);
	write_polling(pager, host);
	pager_section(pager, 0, _("Wrong now"));
	written = write_store(pager, host->store_problem);
	written += write_clusters(pager, host->fleet, env);
	written += write_workspace(pager, host);
	if (!written)
		pager_text(pager, STYLE_DIM, _("nothing"));
	pager_section(pager, 1, _("Since weir was started, newest first"));
	for (size_t i = 0; (message = message_log_at(host->messages, i)); i++) {
		char when[32];
		clock_format(message->time_ms, when, sizeof(when));
		write_row(pager, when, message->style, message->text);
	}
	if (!host->messages->count)
		pager_text(pager, STYLE_DIM, _("nothing"));
	pager_end(pager);
	messages->written_s = env->now_ms / 1000;
}

static void messages_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct messages_view *messages = messages_of(view);
	struct present_env env = view->host->env(view->host->data);

	if (messages->written_s != env.now_ms / 1000)
		messages_write(messages, &env);
	pager_view_draw(messages->pager, _("Messages"), canvas, rect);
}

static bool messages_command(struct view *view, enum command_id id, const char *arg)
{
	return pager_view_command(messages_of(view)->pager, id, arg);
}

static const char *messages_filter(const struct view *view)
{
	return pager_filter_text(messages_of(view)->pager);
}

static void messages_changed(
	struct view *view, const struct snapshot *cause, const struct change *changes, size_t count)
{
	(void)cause;
	(void)changes;
	(void)count;
	messages_of(view)->written_s = -1;
}

static void messages_offer(struct view *view, struct offers *offers)
{
	offers_pager(offers, messages_of(view)->pager, NULL);
}

static void messages_release(struct view *view)
{
	pager_free(messages_of(view)->pager);
	free(messages_of(view));
}

static const struct view_ops messages_ops = {
	.name = "messages",
	.where = IN_HELP,
	.draw = messages_draw,
	.command = messages_command,
	.filter = messages_filter,
	.changed = messages_changed,
	.offer = messages_offer,
	.release = messages_release,
};

struct view *messages_view_new(const struct view_host *host)
{
	struct messages_view *messages = xcalloc(1, sizeof(*messages));

	messages->view = (struct view){.ops = &messages_ops, .host = host};
	messages->pager = pager_new();
	messages->written_s = -1;
	return &messages->view;
}
