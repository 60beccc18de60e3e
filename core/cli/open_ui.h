/*
 * The page of a job in the Flink web UI: which address answers (GET /config), the way there (direct,
 * or a forward through the host that the cluster lies behind), and a browser where there is one.
 * The same for `weir open` and the key of the console.
 *
 *	open = open_ui_start(session, &(struct open_ui_request){.context = "prod",
 *		.cluster = "sessions", .job_id = id}, on_opened, data);
 *	open_ui_cancel(open);       done is then never called
 *
 * A browser is started on the operator's own machine only: $BROWSER, else xdg-open or open on a
 * graphical screen; it gets the URL as one argument and outlives weir.
 */
#ifndef WEIR_CLI_OPEN_UI_H
#define WEIR_CLI_OPEN_UI_H

#include "core/cli/session.h"
#include "core/net/forward.h"

struct open_ui_request {
	const char *context, *cluster; /* copied */
	const char *job_id;            /* copied; NULL = the page of the cluster */
	bool has_ended;                /* the job */
	bool only_url;                 /* no browser */
};

struct open_ui_result {
	const char *url;         /* http or https; borrowed for the call */
	struct forward *forward; /* NULL = direct. It closes by itself when it is not used */
	/* Not NULL: weir runs on a machine that was reached by SSH; the URL holds on the operator's
	 * own machine while this runs there. */
	const char *command;
	bool was_opened;     /* a browser took it; else it is to be shown */
	const char *problem; /* why a browser that was named did not take it; NULL = none */
};

struct open_ui;
/*
 * Once, on the loop, never from inside open_ui_start(). err: E_NOTFOUND no such cluster · E_NET and
 * the like: nobody answered · E_PROTO what answers is no JobManager.
 */
typedef void (*open_ui_fn)(void *data, const struct open_ui_result *result, const struct err *err);

struct open_ui *open_ui_start(struct session *session, const struct open_ui_request *request,
	open_ui_fn done, void *data);
void open_ui_cancel(struct open_ui *open); /* NULL-safe; not after done */
/* "<base>/#/job/running/<id>/overview"; malloc'd. */
char *open_ui_url(const char *base, const char *job_id, bool has_ended);
/* Was this machine reached by SSH? Then a port of its own is not the operator's. */
bool open_ui_is_remote(void);

#endif
