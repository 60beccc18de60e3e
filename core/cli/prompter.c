/*
 * The terminal is opened anew, so that its flags are ours alone, and put into raw-ish mode for the
 * length of one question only. Signals of keys are off meanwhile: Ctrl-C refuses, and so the echo
 * is never left off.
 */
#include "core/cli/prompter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"

#define ANSWER_BYTES_MAX 4096

struct question {
	struct question *next;
	struct ssh *ssh;
	uint64_t id;
	char *text;
	bool is_echoed;
};

struct prompter {
	struct loop *loop;
	struct loop_watch *watch;
	int fd;
	struct termios before;
	bool is_asking;
	struct question *first, **last;
	char typed[ANSWER_BYTES_MAX];
	size_t len;
};

static void say(struct prompter *p, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(p->fd, text, len);
		if (n < 0 && errno != EINTR)
			return; /* a full terminal: the question is cut, the answer still counts */
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void ask_next(struct prompter *p)
{
	const struct question *q = p->first;
	struct termios raw;

	if (!q || p->is_asking)
		return;
	p->is_asking = true;
	p->len = 0;
	if (tcgetattr(p->fd, &p->before) == 0) {
		raw = p->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(p->fd, TCSADRAIN, &raw);
	}
	say(p, q->text, strlen(q->text));
	loop_watch_set(p->watch, LOOP_READ);
}

static void question_free(struct question *q)
{
	free(q->text);
	free(q);
}

static void ask_end(struct prompter *p)
{
	tcsetattr(p->fd, TCSADRAIN, &p->before);
	say(p, "\n", 1);
	loop_watch_set(p->watch, 0);
	p->is_asking = false;
	mem_wipe(p->typed, sizeof(p->typed));
	p->len = 0;
}

static void answer(struct prompter *p, bool refused)
{
	struct question *q = p->first;
	char text[ANSWER_BYTES_MAX];

	memcpy(text, p->typed, p->len);
	text[p->len] = 0;
	p->first = q->next;
	if (!p->first)
		p->last = &p->first;
	ask_end(p);
	ssh_answer(q->ssh, q->id, refused ? NULL : text);
	mem_wipe(text, sizeof(text));
	question_free(q);
	ask_next(p);
}

/* The last character, whole. */
static void erase(struct prompter *p, bool is_echoed)
{
	if (!p->len)
		return;
	while (p->len > 1 && ((unsigned char)p->typed[p->len - 1] & 0xc0) == 0x80)
		p->len--;
	p->len--;
	if (is_echoed)
		say(p, "\b \b", 3);
}

static void on_key(void *data, int fd, unsigned mask)
{
	struct prompter *p = data;
	char c;
	ssize_t n = read(fd, &c, 1);

	(void)mask;
	if (!p->is_asking || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (n <= 0 || c == 3 || c == 4 || c == 27) {
		answer(p, true);
	} else if (c == '\n' || c == '\r') {
		answer(p, false);
	} else if (c == 127 || c == 8) {
		erase(p, p->first->is_echoed);
	} else if (c == 21) { /* Ctrl-U */
		while (p->len)
			erase(p, p->first->is_echoed);
	} else if (p->len + 1 < sizeof(p->typed)) {
		p->typed[p->len++] = c;
		if (p->first->is_echoed)
			say(p, &c, 1);
	}
}

struct prompter *prompter_new(struct loop *loop)
{
	int fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct prompter *p;

	if (fd < 0)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->loop = loop;
	p->fd = fd;
	p->last = &p->first;
	p->watch = loop_watch(loop, fd, 0, LOOP_URGENT, on_key, p);
	return p;
}

void prompter_free(struct prompter *p)
{
	if (!p)
		return;
	if (p->is_asking)
		ask_end(p);
	while (p->first) {
		struct question *next = p->first->next;
		question_free(p->first);
		p->first = next;
	}
	loop_unwatch(p->watch);
	close(p->fd);
	free(p);
}

void prompter_ask(struct prompter *p, struct ssh *ssh, const struct ssh_prompt *prompt)
{
	struct question *q = xcalloc(1, sizeof(*q));

	q->ssh = ssh;
	q->id = prompt->id;
	q->text = xasprintf(_("host %s: %s "), prompt->host, prompt->text);
	q->is_echoed = prompt->is_echoed;
	*p->last = q;
	p->last = &q->next;
	ask_next(p);
}

bool prompter_is_asking(const struct prompter *p)
{
	return p->is_asking;
}
