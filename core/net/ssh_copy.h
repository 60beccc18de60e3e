/*
 * Inside core/net only: one file on its way, and the SFTP session that it has for itself. What the
 * packets are is in sftp_wire.h; ssh_sftp.c carries them over a channel, ssh_copy.c is the order of
 * the steps, ssh_copy_data.c moves and hashes bytes. All of it on the host's thread but copy_new().
 */
#ifndef WEIR_NET_SSH_COPY_H
#define WEIR_NET_SSH_COPY_H

#include "core/base/hash.h"
#include "core/net/sftp_wire.h"
#include "core/net/ssh_thread.h"

/* For sh: the checksum of stdin, and more behind it. openssl first: it uses the processor's own SHA-256, sha256sum often does not (four times slower). */
#define HASH_SCRIPT                                                                                \
	"{ if command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r; "                  \
	"elif command -v sha256sum >/dev/null 2>&1; then sha256sum; "                              \
	"else shasum -a 256; fi; }"

#define COPY_CHUNK ((size_t)32 << 10) /* what every server takes */
/* Requests of data on their way: more for reading, whose answers our own window lets in. */
#define COPY_FLIGHTS 128
#define COPY_WRITES 64
#define COPY_READS_LEAST 16

enum copy_step {
	COPY_STAT,   /* get: the file over there; put: what is there of it already */
	COPY_PREFIX, /* is the .part its beginning? both sides' checksums */
	COPY_OPEN,   /* over there */
	COPY_MKDIR,  /* a folder after the other, then COPY_OPEN again */
	COPY_DATA,
	COPY_CLOSE,     /* put: its mode too, and the checksum over there begins meanwhile */
	COPY_REHASH,    /* get: parts came out of order */
	COPY_CHECK,     /* the checksum over there */
	COPY_BACK_OPEN, /* it has no such program: read back what lies there */
	COPY_BACK_READ,
	COPY_BACK_CLOSE,
	COPY_AGAIN, /* get: is it still the same file? */
	COPY_RENAME,
	COPY_RENAME_PLAIN,
	COPY_REMOVE, /* a server that renames over nothing: the old one goes first */
	COPY_RENAME_LAST,
	COPY_SPACE, /* a write failed: is there space left? */
	COPY_TIDY,  /* the .part goes, then c->err is told */
};

struct flight {
	uint32_t id; /* 0 = free */
	uint32_t len;
	int64_t offset, mono_asked_ms;
};

struct copy {
	bool is_put, resume;
	char *local, *remote, *part; /* part: over there for a put, here for a get */
	unsigned mode;
	int64_t timeout_ms;
	enum copy_step step;
	/* the session */
	struct buf out, in;
	size_t out_sent;
	uint32_t last_id, wait_id, stat_id, mode_id;
	bool has_hello, is_looked, has_posix_rename, has_statvfs;
	char handle[256];
	size_t handle_len;
	struct flight flights[COPY_FLIGHTS];
	int in_flight, reads_most;
	int64_t check_ms; /* what the program over there is given on top of the time-out */
	int64_t least_ms; /* that a request of data took */
	/* the file */
	int fd;
	int64_t size, next, done_bytes;
	int64_t prefix; /* bytes of the .part that may be the beginning */
	int64_t hashed; /* by `hash`, from the beginning */
	uint32_t mtime;
	struct hash *hash, *prefix_hash, *far_hash;
	char sha256[HASH_HEX_LEN + 1];        /* of the whole file, as we know it */
	char prefix_sha256[HASH_HEX_LEN + 1]; /* of its first `prefix` bytes; "" = not yet */
	char far_sha256[HASH_HEX_LEN + 1];    /* "" = not yet */
	/* reading back */
	int64_t back_to, back_done;
	bool is_prefix_back, is_careful;
	/* a command over there */
	struct chan *helper;
	struct buf said;
	bool is_asked; /* it was started early, or is to be started */
	bool is_told;  /* it has ended */
	bool no_program;
	/* folders */
	size_t mkdir_at;
	uint32_t mkdir_status;
	bool made_folders;
	struct err err; /* told after COPY_TIDY */
	int64_t mono_told_ms;
};

/* ssh_sftp.c */
void sftp_ask(struct copy *c, enum sftp_type type, const char *path); /* STAT, REMOVE */
void sftp_ask_open(struct copy *c, const char *path, uint32_t flags);
void sftp_ask_mkdir(struct copy *c, const char *path, size_t len);
void sftp_ask_close(struct copy *c);
void sftp_ask_mode(struct copy *c);
void sftp_ask_rename(struct copy *c, const char *from, const char *to, bool is_posix);
void sftp_ask_space(struct copy *c, const char *path);
/* Of data: false when COPY_FLIGHTS are on their way. */
bool sftp_ask_write(struct copy *c, int64_t offset, const void *bytes, size_t len);
bool sftp_ask_read(struct copy *c, int64_t offset, size_t len);
/* Takes the flight of a reply out; false: it is none's. */
bool sftp_land(struct copy *c, uint32_t id, struct flight *out);
/* "cannot WHAT PATH: …" of a status; returns the code. */
int sftp_err(struct ssh_worker *w, struct err *err, const struct sftp_reply *reply,
	const char *what, const char *path);

/* ssh_copy.c */
void copy_begin(struct ssh_worker *w, struct chan *chan); /* before there is a channel */
void copy_hello(struct ssh_worker *w, struct chan *chan); /* the first requests */
void copy_reply(struct ssh_worker *w, struct chan *chan, const struct sftp_reply *reply);
void copy_fail(struct ssh_worker *w, struct chan *chan, const struct err *err);
/* What is to be done though nothing came. True: something moved. */
bool copy_work(struct ssh_worker *w, struct chan *chan);
void copy_moved(struct ssh_worker *w, struct chan *chan); /* the deadline goes on */

/* ssh_copy_data.c */
int copy_local_open(struct copy *c, struct err *err);
/* True: something was asked for or sent. */
bool copy_push(struct ssh_worker *w, struct chan *chan);
bool copy_pull(struct ssh_worker *w, struct chan *chan, int64_t upto);
/* Bytes from over there, into the file and its hash, or (reading back) into far_hash only. */
int copy_take(struct ssh_worker *w, struct copy *c, const struct flight *flight,
	const struct sftp_reply *reply, struct err *err);
/* Hashes on from c->hashed, a share; true when `upto` is reached. */
int copy_hash_local(struct copy *c, int64_t upto, bool *reached, struct err *err);
void copy_hash_reset(struct copy *c);
/*
 * Starts the helper; copy_told() when it has ended. bytes: of the beginning of path; -1 = all. Early:
 * while the data moves, where there is room for it: of a put it waits for copy_check_now().
 */
void copy_ask_checksum(struct ssh_worker *w, struct chan *chan, const char *path, int64_t bytes);
void copy_ask_early(struct ssh_worker *w, struct chan *chan);
/* The file is whole over there: its checksum, if it was not asked for yet. */
void copy_check_now(struct ssh_worker *w, struct chan *chan);

#endif
