/*
 * weir completion names KIND [TYPED]: what the scripts of completion.c ask at each Tab, so it is no part of
 * its help. One name a line: those that begin with what was typed, else those whose part behind a "/" does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/verbs.h"
#include "core/store/names.h"

struct offer {
	const char *typed;
	struct map *told; /* of several contexts, or known in two places */
	struct buf begins, within;
};

static void offer(void *data, const char *name)
{
	struct offer *offer = data;
	struct buf *out = str_starts(name, offer->typed) ? &offer->begins : &offer->within;

	if (map_put(offer->told, name, offer))
		return;
	utf8_neutralise(out, name, strlen(name));
	buf_addc(out, '\n');
}

/* They are known before anybody answered. */
static void offer_clusters(struct offer *to, const struct context_config *config)
{
	for (size_t i = 0; i < config->cluster_count; i++)
		if (str_starts(config->clusters[i].name, to->typed))
			offer(to, config->clusters[i].name);
}

static int offer_all(const struct session *session, const char *kind, struct offer *to)
{
	struct err err;
	int rc = 0;

	for (size_t i = 0; i < session->context_count && rc == 0; i++) {
		const struct context_config *config = session->contexts[i].config;
		char *dir = session_store_dir(session, config);

		if (str_eq(kind, "clusters"))
			offer_clusters(to, config);
		rc = store_names(dir, kind, to->typed, offer, to, &err);
		free(dir);
	}
	fputs(buf_str(to->begins.len ? &to->begins : &to->within), stdout);
	return rc ? cli_fail(&err) : 0;
}

int completion_names(const struct cli *cli)
{
	struct session_options options = cli->session;
	struct offer to = {.typed = cli->arg_count > 2 ? cli->args[2] : "", .told = map_new()};
	struct session *session;
	struct err err;
	int code;

	buf_init(&to.begins, 0);
	buf_init(&to.within, 0);
	options.config_only = true;
	if (session_open(&session, &options, &err)) {
		code = cli_fail(&err);
	} else {
		code = offer_all(session, cli->args[1], &to);
		session_close(session);
	}
	buf_release(&to.begins);
	buf_release(&to.within);
	map_free(to.told);
	return code;
}
