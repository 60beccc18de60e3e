/*
 * Inside core/net only: the loop's side of SSH. A host is reached in one of three ways, and each
 * operation is handed to its host's way, which ends it with op_end(), or is told to let it go.
 *
 *	ssh.c          operations, mail from the threads, opening and closing
 *	ssh_host.c     a host's settings, its thread's start and end
 *	ssh_lookup.c   what ssh's own configuration says of a host
 *	ssh_prompt.c   what a person is asked, one thing at a time
 *	ssh_local.c    the way to this machine: commands
 *	ssh_local_copy.c  and copies
 */
#ifndef WEIR_NET_SSH_LOOP_H
#define WEIR_NET_SSH_LOOP_H

#include "core/net/socket_dir.h"
#include "core/net/ssh_thread.h"

struct dns;

/* Each is called on the loop and returns at once. exec and copy: the options are borrowed. */
struct ssh_way {
	void (*connect)(struct ssh_op *op);
	void (*exec)(struct ssh_op *op, const struct ssh_exec_options *options);
	void (*copy)(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put);
	void (*cancel)(struct ssh_op *op); /* the operation is freed right after */
};

extern const struct ssh_way way_openssh; /* ssh_openssh_exec.c */
extern const struct ssh_way way_libssh2; /* ssh.c */
extern const struct ssh_way way_local;   /* ssh_local.c */

struct ssh_op {
	struct ssh_op *prev, *next;
	struct ssh *ssh;
	const struct ssh_way *way;
	struct ssh_worker *worker; /* NULL: this machine, or there is no such host */
	void *task;                /* the way's own */
	uint64_t id;
	ssh_done_fn done;
	void *data;
	void (*on_output)(void *data, int stream, const char *bytes, size_t len);
	void (*on_progress)(void *data, int64_t done_bytes, int64_t total_bytes);
	char *host;
	struct buf out, err;
	bool is_cut, is_copy, is_exec;
	uint64_t log_number; /* of the command log; 0 = none */
};

struct ssh {
	struct loop *loop;
	struct loop_watch *watch;
	struct dns *dns;
	struct command_log *log;
	struct mailbox mail;
	struct ssh_worker *workers;
	size_t worker_count, worker_max; /* more may be found; they never move */
	struct ssh_op *ops;
	uint64_t last_id;
	struct ssh_msg *prompts, **prompts_last; /* the first is being asked */
	ssh_prompt_fn on_prompt;
	void (*on_prompt_gone)(void *data, uint64_t prompt_id);
	void *data;
	struct socket_dir socket_dir;
};

/* ssh.c */
/* Ends an operation: calls its `done` and frees it. Missing parts of `result` are filled. */
void op_end(struct ssh_op *op, struct ssh_result *result, const struct err *err);
/* The same soon: for what fails inside of the call that starts it. */
void op_end_soon(struct ssh_op *op, const struct err *err);

/* ssh_host.c */
int host_fill(struct ssh *ssh, struct ssh_worker *w, const struct host_config *host,
	const struct ssh_options *options, struct err *err);
/* Its settings are complete: its thread starts. */
void host_run(struct ssh_worker *w);
/* NULL: there is no room for more. Looked up when it is needed. */
struct ssh_worker *host_add(
	const struct ssh_worker *behind, const char *address, const char *user, int port);
void host_release(struct ssh_worker *w);
/* Ends all threads. */
void hosts_end(struct ssh *ssh);

/* ssh_lookup.c: ends in host_run() */
void lookup_start(struct ssh_worker *w);

/* ssh_prompt.c */
void prompt_add(struct ssh *ssh, struct ssh_msg *msg);
void prompt_gone(struct ssh *ssh, uint64_t id);
void prompts_free(struct ssh *ssh);

/* ssh_local_copy.c */
void local_copy(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put);
void local_copy_cancel(void *task);

#endif
