/*
 * A mailbox is a list under a lock and a pipe that says that there is something in it. The pipe
 * holds at most one byte for many messages, so it never fills up.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/net/ssh_thread.h"

struct ssh_msg *msg_new(enum ssh_msg_kind kind, struct ssh_worker *about, uint64_t id)
{
	struct ssh_msg *msg = xcalloc(1, sizeof(*msg));

	msg->kind = kind;
	msg->worker = about;
	msg->id = id;
	msg->fd = -1;
	return msg;
}

void msg_free(struct ssh_msg *msg)
{
	if (!msg)
		return;
	if (msg->text)
		mem_wipe(msg->text, msg->text_len);
	if (msg->input)
		mem_wipe(msg->input, msg->input_len);
	if (msg->fd >= 0)
		close(msg->fd);
	copy_free(msg->copy);
	free(msg->met);
	free(msg->text);
	free(msg->input);
	free(msg);
}

int mailbox_init(struct mailbox *box, struct err *err)
{
	pthread_mutex_init(&box->lock, NULL);
	box->first = NULL;
	box->last = &box->first;
	box->bytes = 0;
	if (pipe2(box->wake, O_CLOEXEC | O_NONBLOCK) == 0)
		return 0;
	box->wake[0] = box->wake[1] = -1;
	return err_errno(err, E_INTERNAL, _("cannot make a pipe"));
}

void mailbox_release(struct mailbox *box)
{
	struct ssh_msg *msg = box->first, *next;

	for (; msg; msg = next) {
		next = msg->next;
		msg_free(msg);
	}
	if (box->wake[0] >= 0)
		close(box->wake[0]);
	if (box->wake[1] >= 0)
		close(box->wake[1]);
	pthread_mutex_destroy(&box->lock);
}

void mailbox_put(struct mailbox *box, struct ssh_msg *msg)
{
	pthread_mutex_lock(&box->lock);
	bool was_empty = !box->first;
	msg->next = NULL;
	*box->last = msg;
	box->last = &msg->next;
	box->bytes += msg->text_len;
	if (was_empty) {
		ssize_t n = write(box->wake[1], "", 1);
		(void)n;
	}
	pthread_mutex_unlock(&box->lock);
}

struct ssh_msg *mailbox_take(struct mailbox *box)
{
	char byte[8];
	struct ssh_msg *list;

	pthread_mutex_lock(&box->lock);
	list = box->first;
	box->first = NULL;
	box->last = &box->first;
	box->bytes = 0;
	while (read(box->wake[0], byte, sizeof(byte)) > 0)
		;
	pthread_mutex_unlock(&box->lock);
	return list;
}

size_t mailbox_bytes(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	size_t bytes = box->bytes;
	pthread_mutex_unlock(&box->lock);
	return bytes;
}
