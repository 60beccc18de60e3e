/*
 * Inside core/net only: what the files of SSH share. A host has one worker: a mailbox, a thread,
 * and what only that thread touches. Messages are values and change hands with their memory; the
 * loop and the threads share nothing else but the mailboxes.
 *
 *	ssh_loop.h     the loop's side, and its files
 *	ssh_mail.c     messages and mailboxes
 *	ssh_worker.c   a thread's life: mail, connection, channels, poll
 *	ssh_chan.c     channels: begin, step, end
 *	ssh_link.c     one connection: TCP or hop, handshake, keep-alive, its end
 *	ssh_hostkey.c  known_hosts
 *	ssh_auth.c     who we are, in the order that the host names
 *	ssh_key.c      what a key file is, before libssh2 is asked to read it
 *	ssh_facts.c    what is known of a host and its connection, for who asks
 *	ssh_exec.c     a command on a channel
 *	ssh_mark.c     the line that a command begins with, on either way
 *	ssh_sftp.c     a file on a channel: packets (ssh_copy.h: its steps, its data)
 *	tunnel.c       descriptors bridged to channels: SOCKS clients and hops
 */
#ifndef WEIR_NET_SSH_THREAD_H
#define WEIR_NET_SSH_THREAD_H

#include <libssh2.h>
#include <poll.h>
#include <pthread.h>

#include "core/net/ssh.h"
#include "core/net/ssh_mark.h"

enum ssh_msg_kind {
	/* to a thread */
	MSG_EXEC,
	MSG_COPY,
	MSG_CONNECT,
	MSG_CANCEL,
	MSG_ANSWER,
	MSG_RETRY,
	MSG_HOP,    /* bridge `fd` to text:number, and tell `reply_to` */
	MSG_HOPPED, /* from the jump host's thread: it is bridged, or err */
	MSG_LISTEN, /* SOCKS clients come to `fd` */
	MSG_QUIT,
	MSG_NUDGE,    /* the loop has read its mail */
	MSG_RESOLVED, /* text: "127.0.0.1,[::1]", or err */
	/* to the loop */
	MSG_OUTPUT,
	MSG_PROGRESS, /* bytes of total_bytes */
	MSG_DONE,
	MSG_PROMPT,
	MSG_PROMPT_GONE,
	MSG_MET, /* how the way in looked, whether it ended well or not */
	MSG_UP,
	MSG_DOWN,
	MSG_RESOLVE, /* the address of `worker` */
};

/* What a thread saw on its way in; "" = it did not come so far. For ssh_facts(). */
struct ssh_met {
	char peer[64]; /* the address that answered; "" behind another host too */
	char key_type[32], key_print[64];
	bool key_is_known, key_is_wrong; /* wrong: known_hosts has another one, or it is revoked */
	char way[256];                   /* "key /home/ops/.ssh/id_ed25519, otp" */
};

struct ssh_msg {
	struct ssh_msg *next;
	enum ssh_msg_kind kind;
	uint64_t id;               /* of the operation, prompt or hop */
	struct ssh_worker *worker; /* whom it is about */
	struct err err;
	char *text; /* command, answer, prompt, output, signal, address; NULL = none */
	size_t text_len;
	char *input;
	size_t input_len;
	int fd;     /* -1 = none; closed with the message unless taken */
	int number; /* port, stream, exit status, prompt kind */
	bool flag;  /* is_echoed */
	int64_t timeout_ms;
	struct ssh_worker *reply_to;
	struct copy *copy;   /* freed with the message unless taken */
	struct ssh_met *met; /* freed with the message */
	int64_t bytes, total_bytes;
	char sha256[65]; /* MSG_DONE of a copy */
};

struct mailbox {
	pthread_mutex_t lock;
	struct ssh_msg *first, **last;
	size_t bytes; /* of text in it */
	int wake[2];
};

struct ssh_msg *msg_new(enum ssh_msg_kind kind, struct ssh_worker *about, uint64_t id);
void msg_free(struct ssh_msg *msg); /* wipes; NULL-safe */
int mailbox_init(struct mailbox *box, struct err *err);
void mailbox_release(struct mailbox *box);
void mailbox_put(struct mailbox *box, struct ssh_msg *msg);
/* All that is in it, in order; wake[0] is quiet after. */
struct ssh_msg *mailbox_take(struct mailbox *box);
size_t mailbox_bytes(struct mailbox *box);

/* ---- channels ---- */

enum chan_kind { CHAN_EXEC, CHAN_CONNECT /* has no channel */, CHAN_BRIDGE, CHAN_COPY };
enum chan_state {
	CHAN_GREETING, /* a SOCKS client has not yet said where to */
	CHAN_WAITING,  /* for the connection, or for its turn to open */
	CHAN_OPENING,
	CHAN_REQUESTING, /* exec was asked for */
	CHAN_FLOWING,
	CHAN_CLOSING, /* our end is told; waits for theirs */
	CHAN_DEAD,
};

struct chan {
	struct chan *next;
	enum chan_kind kind;
	enum chan_state state;
	LIBSSH2_CHANNEL *channel;
	uint64_t id; /* of the operation or hop */
	/* exec */
	char *command, *input;
	size_t input_len, input_sent;
	struct ssh_mark mark;
	int kills; /* the process group that this command is to kill; 0 = none */
	bool input_ended;
	bool is_unwanted;   /* canceled: nobody is told of its end */
	bool is_killed;     /* its killer was started */
	struct err verdict; /* for a time-out: what `done` gets */
	int64_t timeout_ms, mono_deadline_ms;
	struct chan *asker; /* a copy, whose helper this command is; nobody else hears of it */
	bool is_early; /* a helper before its time: it opens only where nobody lacks the room */
	bool is_held;  /* its input waits */
	/* copy */
	struct copy *copy;
	/* bridge */
	int fd;
	bool is_socks;
	unsigned char hello[320];
	size_t hello_len;
	int hello_step;
	char *address;
	int port;
	struct buf to_fd, to_far; /* read from one side, not yet taken by the other */
	size_t to_fd_sent, to_far_sent;
	bool fd_ended, far_ended, fd_told, far_told;
	int64_t mono_used_ms, mono_opening_ms;
	struct ssh_worker *reply_to;
};

struct ssh_worker {
	/* set before the thread starts, then only read */
	struct ssh *ssh; /* the loop's: for what comes back to it */
	char *name, *address, *user, *key, **auth;
	size_t auth_count;
	int port, index;
	struct ssh_worker *jump;
	char *known_hosts;
	char *ssh_config; /* for the ssh program; NULL = its own */
	char **keys;      /* files that ssh's configuration names; none when `key` is there */
	size_t key_count;
	/* Of ssh's configuration; NULL = it says nothing. */
	char *more_known_hosts; /* beside known_hosts: paths, separated by blanks */
	char *host_key_alias;   /* what the host is called in them */
	char *agent;            /* its socket; "none" */
	char **only_keys;       /* IdentitiesOnly: an agent's other keys are not offered */
	size_t only_key_count;
	struct err config_err; /* why it cannot be reached at all; code 0 = it can */
	bool user_is_named, port_is_named, known_hosts_is_named, known_hosts_is_set;
	bool can_ask;
	struct openssh *openssh; /* NULL: it has a thread */
	int64_t connect_timeout_ms, keepalive_ms, idle_ms;
	struct mailbox in;
	struct mailbox *out;
	pthread_t thread;
	/* the loop's */
	bool is_started, is_up, has_thread;
	struct proc *lookup; /* of ssh's configuration */
	struct ssh_met seen; /* what its thread told last */
	unsigned from_ssh;   /* SSH_FACT_*: of ssh's configuration, not of weir's file */
	char *proxy, *socket_path;
	/* the thread's */
	int listener; /* -1 = none */
	LIBSSH2_SESSION *session;
	int fd;
	bool is_linked, is_dead, quit, has_received;
	struct buf outgoing; /* what libssh2 sends: it never blocks on it */
	size_t outgoing_sent;
	int64_t mono_received_ms, mono_used_ms, mono_keepalive_ms, mono_quit_ms;
	struct chan *chans;
	struct chan *opening;    /* libssh2 opens one at a time */
	struct chan *requesting; /* chan_may_request() */
	struct err refusal;      /* E_AUTH, kept until mono_refused_until_ms */
	int64_t mono_refused_until_ms;
	uint64_t prompt_id, hop_id;
	bool answered, hopped, has_resolved;
	char *resolved; /* NULL = resolve_err says why */
	struct err resolve_err;
	char *answer; /* NULL = refused */
	struct err hop_err;
	char *password, *passphrase; /* that were right: asked once */
	bool prompt_failed;          /* a prompt was needed and nobody answered */
	bool was_asked;              /* the server has put a question */
	bool saw_rsa;
	int64_t paused_ms; /* how long prompts waited: it does not count */
	struct ssh_met met;
};

/* ssh_worker.c */
void *worker_main(void *worker);
/*
 * For sequential code while there is no connection yet: waits until the socket or the mail may have
 * something. 0, or err: E_TIMEOUT, E_CANCELED (the thread is to end).
 */
int worker_wait(struct ssh_worker *w, short events, int64_t mono_deadline_ms, struct err *err);
/* Asks a person and waits. malloc'd answer, to be wiped; NULL: refused, or nobody there. */
char *worker_ask(struct ssh_worker *w, enum ssh_prompt_kind kind, const char *text, bool is_echoed);

/* ssh_chan.c */
struct chan *chan_new(struct ssh_worker *w, enum chan_kind kind, uint64_t id);
/* Without a command that has ended: err says why. NULL: a connection that is there. */
void chan_end(struct ssh_worker *w, struct chan *chan, const struct err *err);
/*
 * May it say what it wants to be (a command, SFTP)? One at a time, until w->requesting is NULL again: of two that wait for
 * their answers libssh2 takes the other's for a refusal.
 */
bool chan_may_request(struct ssh_worker *w, struct chan *chan);
bool chans_step(struct ssh_worker *w); /* a turn for each; true = something moved */
void chans_reap(struct ssh_worker *w);
bool worker_congested(const struct ssh_worker *w); /* enough is on its way out */

/* ssh_link.c */
int link_open(struct ssh_worker *w, struct err *err);
void link_close(struct ssh_worker *w);
void link_flush(struct ssh_worker *w);
void link_keepalive(struct ssh_worker *w);
/* "…: <what libssh2 says>" */
int link_err(struct ssh_worker *w, struct err *err, enum err_code code, const char *what);

/* ssh_hostkey.c */
int hostkey_prefer(struct ssh_worker *w, struct err *err); /* before the handshake */
int hostkey_check(struct ssh_worker *w, struct err *err);  /* after it */

/* ssh_auth.c */
int auth_run(struct ssh_worker *w, struct err *err);

/* ssh_facts.c */
/* One more way that was accepted: "key", and which. */
void met_way(struct ssh_worker *w, const char *word, const char *detail);
void met_tell(struct ssh_worker *w);

/* ssh_key.c */
enum key_kind { KEY_MISSING, KEY_ED25519, KEY_ECDSA, KEY_RSA, KEY_OTHER };
struct key_info {
	enum key_kind kind;
	bool is_encrypted;
};
void key_look(const char *path, struct key_info *info);
/* Is that public key, as an agent has it, the one of this file (or of its .pub)? */
bool key_is_of_file(const char *path, const unsigned char *blob, size_t len);

/* ssh_exec.c: true = something moved */
bool exec_step(struct ssh_worker *w, struct chan *chan);
/* The loop is behind with reading: no more output for now. */
bool exec_held(struct ssh_worker *w);
void exec_cancel(struct ssh_worker *w, struct chan *chan);

/* ssh_sftp.c, ssh_copy.c */
struct copy *copy_new(const struct ssh_copy_options *options, bool is_put);
void copy_free(struct copy *copy); /* NULL-safe */
bool copy_step(struct ssh_worker *w, struct chan *chan);
void copy_left(struct ssh_worker *w, struct chan *chan); /* it has ended: its helper goes */
/* From the command that it asked for: its output, its end (-1: none). */
void copy_heard(struct chan *chan, int stream, const char *bytes, size_t len);
void copy_told(struct chan *chan, int status);

/* tunnel.c */
bool bridge_step(struct ssh_worker *w, struct chan *chan);
void bridge_accept(struct ssh_worker *w);
/* Reads on what a SOCKS client says; then it waits, or has ended. */
bool bridge_greet(struct ssh_worker *w, struct chan *chan);
void bridge_reply(struct chan *chan, int code); /* 0 = it is connected */
void bridge_refuse(
	struct chan *chan, const struct err *err); /* tells the client, as far as SOCKS can */

/* ssh.c */
struct ssh_worker *ssh_worker_of(const struct ssh *ssh, const char *host);
void ssh_worker_start(struct ssh_worker *w);
const char *ssh_socket_dir(struct ssh *ssh, struct err *err);

#endif
