/*
 * Passwords go from the dialog to the connection's thread and are kept nowhere in between; the
 * dialog wipes what was typed.
 */
#include "tui/ui/ui_prompt.h"

#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/net/ssh.h"

struct asked {
	struct ui_prompts *prompts;
	struct asked *prev, *next;
	struct ssh *ssh;
	uint64_t id;
};

struct ui_prompts {
	struct screen *screen;
	struct asked *asked;
};

struct ui_prompts *ui_prompts_new(void)
{
	return xcalloc(1, sizeof(struct ui_prompts));
}

static void asked_free(struct asked *asked)
{
	if (asked->prev)
		asked->prev->next = asked->next;
	else
		asked->prompts->asked = asked->next;
	if (asked->next)
		asked->next->prev = asked->prev;
	free(asked);
}

void ui_prompts_free(struct ui_prompts *prompts)
{
	while (prompts && prompts->asked)
		asked_free(prompts->asked);
	free(prompts);
}

void ui_prompts_join(struct ui_prompts *prompts, struct screen *screen)
{
	prompts->screen = screen;
}

static void on_answer(void *data, const char *answer)
{
	struct asked *asked = data;

	ssh_answer(asked->ssh, asked->id, answer);
	asked_free(asked);
}

static void on_host_key(void *data, const char *answer)
{
	on_answer(data, answer ? "yes" : NULL);
}

static const char *kind_text(enum ssh_prompt_kind kind)
{
	switch (kind) {
	case SSH_PROMPT_PASSPHRASE: return _("passphrase of a key");
	case SSH_PROMPT_PASSWORD: return _("password");
	case SSH_PROMPT_HOST_KEY: return _("unknown host key");
	case SSH_PROMPT_INTERACTIVE: break;
	}
	return _("it asks");
}

static void ask(void *data, struct ssh *ssh, const struct ssh_prompt *prompt)
{
	struct ui_prompts *prompts = data;
	bool is_key = prompt->kind == SSH_PROMPT_HOST_KEY;
	struct asked *asked;
	char *title, *refused;

	if (!prompts->screen) {
		ssh_answer(ssh, prompt->id, NULL);
		return;
	}
	asked = xcalloc(1, sizeof(*asked));
	*asked = (struct asked){
		.prompts = prompts, .next = prompts->asked, .ssh = ssh, .id = prompt->id};
	if (asked->next)
		asked->next->prev = asked;
	prompts->asked = asked;
	title = xasprintf(_("host %s: %s"), prompt->host, kind_text(prompt->kind));
	refused = xasprintf(_("host %s: not answered; r asks again"), prompt->host);
	screen_ask(prompts->screen,
		&(struct screen_question){
			.kind = is_key              ? SCREEN_ASK_YES
				: prompt->is_echoed ? SCREEN_ASK_TEXT
						    : SCREEN_ASK_SECRET,
			.title = title,
			.body = prompt->text,
			.refused = refused,
			/* A server's own question may want nothing but Enter. */
			.needs_text = prompt->kind != SSH_PROMPT_INTERACTIVE,
			.done = is_key ? on_host_key : on_answer,
			.data = asked,
		});
	free(refused);
	free(title);
}

/* The far side gave up waiting. */
static void gone(void *data, struct ssh *ssh, uint64_t id)
{
	struct ui_prompts *prompts = data;

	for (struct asked *asked = prompts->asked; asked; asked = asked->next) {
		if (asked->ssh != ssh || asked->id != id)
			continue;
		if (prompts->screen) {
			screen_unask(prompts->screen, asked);
			screen_toast(prompts->screen, STYLE_WARN,
				_("the host did not wait for the answer; r asks again"));
		}
		asked_free(asked);
		return;
	}
}

const struct session_asker ui_prompts_asker = {.ask = ask, .gone = gone};
