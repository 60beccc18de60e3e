/*
 * Inside core/net only: hosts that the ssh program reaches. All of it on the loop. A master (`ssh
 * -M -N`) holds the connection; a command is an `ssh` child that goes through it, a tunnel is asked
 * of it by its own protocol, a host behind another goes through that one's master.
 *
 *	ssh_openssh.c       the master: its start, what it says when it fails, its end
 *	ssh_openssh_exec.c  commands
 *	ssh_openssh_copy.c  files, by commands
 *	ssh_openssh_mux.c   SOCKS clients and hops
 */
#ifndef WEIR_NET_SSH_OPENSSH_H
#define WEIR_NET_SSH_OPENSSH_H

#include "core/loop/proc.h"
#include "core/net/ssh_loop.h"

enum master_state {
	MASTER_DOWN,
	MASTER_WAITING /* for its jump host's */,
	MASTER_STARTS,
	MASTER_UP
};

struct openssh {
	struct ssh_worker *w;
	enum master_state state;
	struct proc *master;
	unsigned master_number;
	char *socket;             /* its control socket */
	struct buf said;          /* by the master, on stderr */
	struct err down;          /* why it is not up */
	bool is_called, is_gone;  /* a deferred call is on its way */
	struct loop_timer *timer; /* of the start; then of idleness */
	struct loop_watch *mail;  /* hops of other hosts' threads */
	struct loop_watch *listener_watch;
	struct command *commands;
	uint64_t last_number;
	struct forward *forwards;
};

struct command_options {
	const char *line; /* for sh */
	const void *input;
	size_t input_len;
	int input_fd, output_fd; /* 0 = none; output_fd: stdout as it comes, a login script's too */
	size_t cap_bytes;
	int64_t timeout_ms;
	void (*on_output)(void *data, int stream, const char *bytes, size_t len);
};

/* ssh_openssh.c */
/* Makes `w` one of these hosts. */
void openssh_fill(struct ssh_worker *w);
/* After commands_end() of all of them: one may be the way to another. NULL-safe. */
void openssh_free(struct openssh *host);
/* Whoever waits for the connection is served when it is there, or told why not. */
void openssh_wanted(struct openssh *host);
/* Something went through: idleness counts from now. */
void openssh_used(struct openssh *host);
/* Whoever spoke with this master has seen its end, mostly before its process tells. */
void openssh_broke(struct openssh *host, unsigned master);
/* `ssh` and what makes it go through the master, or fail: appends at most 16 words. */
size_t openssh_words(const struct openssh *host, const char **words);

/* ssh_openssh_exec.c */
struct command *command_start(
	struct openssh *host, const struct command_options *options, ssh_done_fn done, void *data);
void command_cancel(struct command *command);
void commands_serve(struct openssh *host);
void commands_fail(struct openssh *host, const struct err *err);
/* Of ssh_close(): what runs over there is killed, 2 s at most. */
void commands_end(struct openssh *host);

/* ssh_openssh_copy.c */
void openssh_copy(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put);
void openssh_copy_cancel(void *copy);

/* ssh_openssh_mux.c */
void forward_listen(struct openssh *host, struct ssh_msg *msg);
void forward_hop(struct openssh *host, struct ssh_msg *msg);
void forwards_serve(struct openssh *host);
void forwards_fail(struct openssh *host, const struct err *err);
/* Instead, of a master that was up: those that never waited for another go on. True: there are some. */
bool forwards_wait_on(struct openssh *host, const struct err *err);
void forwards_end(struct openssh *host); /* of ssh_close() */

#endif
