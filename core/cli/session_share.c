/*
 * Each context has a store, and for each store one process polls (store/lease/poll_lease.h). What that one
 * writes comes to the fleet by the same road as an answer; what this process shows goes to its own
 * poller and, where another one polls, to that one through the store.
 */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/access.h"
#include "core/cli/session.h"
#include "core/net/ssh.h"
#include "core/store/lease/poll_lease.h"

bool session_may_ask(void *data, const char *context)
{
	const struct session_context *found = session_context(data, context);

	return !found || store_may_poll(found->store);
}

static void on_follow(void *data, struct snapshot *const *snapshots, size_t count)
{
	const struct session_context *context = data;

	for (size_t i = 0; i < count; i++)
		fleet_apply(context->session->fleet, snapshots[i], clock_wall_ms());
}

static void on_role(void *data, const struct poll_state *state)
{
	const struct session_context *context = data;
	struct session *session = context->session;

	if (state->role == POLL_OURS || state->role == POLL_ALONE)
		poller_begin(session->poller);
	if (session->on_polling)
		session->on_polling(session->polling_data);
}

static void on_wants(void *data, const struct poll_wants *wants)
{
	const struct session_context *context = data;

	poller_show_others(context->session->poller, context->config->name, wants->refs,
		wants->ref_count, wants->focus, wants->focus_count);
}

/* Also hosts and clusters that refused a login and are left alone for a while. */
static void retry(const struct session_context *context)
{
	for (size_t k = 0; k < context->config->cluster_count; k++)
		if (context->config->clusters[k].via)
			ssh_retry(context->ssh, context->config->clusters[k].via);
	accesses_retry(context->accesses);
}

static void on_refresh(void *data)
{
	const struct session_context *context = data;

	retry(context);
	poller_refresh(context->session->poller);
}

void session_share(struct session *session)
{
	for (size_t i = 0; i < session->context_count; i++)
		store_share(session->contexts[i].store,
			&(struct store_share){
				.on_follow = on_follow,
				.on_role = on_role,
				.on_wants = on_wants,
				.on_refresh = on_refresh,
				.data = &session->contexts[i],
			});
}

void session_show(struct session *session, const char *const *refs, size_t count, const char *focus)
{
	const char **its = xcalloc(count + 1, sizeof(*its));
	const struct app *front = focus ? fleet_app(session->fleet, focus) : NULL;

	poller_show(session->poller, refs, count, focus);
	for (size_t i = 0; i < session->context_count; i++) {
		const char *name = session->contexts[i].config->name;
		size_t its_count = 0;

		for (size_t k = 0; k < count; k++) {
			const struct app *app = fleet_app(session->fleet, refs[k]);

			if (app && str_eq(app->context, name))
				its[its_count++] = refs[k];
		}
		store_want(session->contexts[i].store, its, its_count,
			front && str_eq(front->context, name) ? focus : NULL);
	}
	free(its);
}

void session_refresh(struct session *session)
{
	for (size_t i = 0; i < session->context_count; i++) {
		retry(&session->contexts[i]);
		if (store_poll_state(session->contexts[i].store)->role == POLL_FOLLOWED)
			store_want_refresh(session->contexts[i].store);
	}
	poller_refresh(session->poller);
}

bool session_polling(const struct session *session, size_t index, struct buf *out)
{
	const struct poll_state *state = store_poll_state(session->contexts[index].store);
	long long pid = (long long)state->pid;

	switch (state->role) {
	case POLL_UNDECIDED: break;
	case POLL_OURS: buf_addf(out, _("polled by this process, %lld"), pid); break;
	case POLL_FOLLOWED:
		buf_addf(out, _("polled by process %lld"), pid);
		if (!state->is_here)
			buf_addf(out, _(" on %s"), state->host);
		break;
	case POLL_ALONE:
		buf_adds(out, _("polled into memory: the store cannot be shared now"));
		break;
	}
	return state->role == POLL_FOLLOWED;
}
