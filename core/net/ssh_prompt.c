/*
 * What the hosts' threads want to know from a person. Several may want something at the same time;
 * a person is asked one thing at a time, the others wait in line.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/net/ssh_loop.h"

static void prompt_next(struct ssh *ssh)
{
	struct ssh_msg *msg = ssh->prompts;

	if (!msg)
		return;
	ssh->on_prompt(ssh->data,
		&(struct ssh_prompt){
			.id = msg->id,
			.kind = (enum ssh_prompt_kind)msg->number,
			.host = msg->worker->name,
			.text = msg->text,
			.is_echoed = msg->flag,
		});
}

void prompt_add(struct ssh *ssh, struct ssh_msg *msg)
{
	bool first = !ssh->prompts;

	msg->next = NULL;
	*ssh->prompts_last = msg;
	ssh->prompts_last = &msg->next;
	if (first)
		prompt_next(ssh);
}

/* Takes it out of the line; NULL when it is not there. */
static struct ssh_msg *prompt_take(struct ssh *ssh, uint64_t id, bool *was_first)
{
	for (struct ssh_msg **at = &ssh->prompts; *at; at = &(*at)->next) {
		struct ssh_msg *msg = *at;
		if (msg->id != id)
			continue;
		*was_first = at == &ssh->prompts;
		*at = msg->next;
		if (!msg->next)
			ssh->prompts_last = at;
		return msg;
	}
	return NULL;
}

void ssh_answer(struct ssh *ssh, uint64_t prompt_id, const char *answer)
{
	bool was_first = false;
	struct ssh_msg *asked = prompt_take(ssh, prompt_id, &was_first), *msg;

	if (!asked)
		return;
	msg = msg_new(MSG_ANSWER, asked->worker, prompt_id);
	if (answer) {
		msg->text = xstrdup(answer);
		msg->text_len = strlen(answer);
	}
	mailbox_put(&asked->worker->in, msg);
	msg_free(asked);
	if (was_first)
		prompt_next(ssh);
}

/* The far side gave up. */
void prompt_gone(struct ssh *ssh, uint64_t id)
{
	bool was_first = false;

	msg_free(prompt_take(ssh, id, &was_first));
	if (was_first && ssh->on_prompt_gone)
		ssh->on_prompt_gone(ssh->data, id);
	if (was_first)
		prompt_next(ssh);
}

void prompts_free(struct ssh *ssh)
{
	for (struct ssh_msg *msg = ssh->prompts, *next; msg; msg = next) {
		next = msg->next;
		msg_free(msg);
	}
	ssh->prompts = NULL;
}
