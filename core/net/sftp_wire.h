/*
 * The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02, and OpenSSH's posix-rename and
 * statvfs): requests into a buffer, replies out of bytes. Pure.
 *
 *	size_t at = sftp_begin(&out, SFTP_REMOVE, 7);
 *	sftp_add_text(&out, path, strlen(path));
 *	sftp_end(&out, at);
 *
 *	while ((len = sftp_packet(in, in_len)) > 0)     in += len …
 *		sftp_parse(in, (size_t)len, &reply);
 */
#ifndef WEIR_NET_SFTP_WIRE_H
#define WEIR_NET_SFTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"

#define SFTP_PACKET_MAX ((size_t)260 << 10) /* what OpenSSH takes and sends */

enum sftp_type {
	SFTP_INIT = 1,
	SFTP_VERSION = 2,
	SFTP_OPEN = 3,
	SFTP_CLOSE = 4,
	SFTP_READ = 5,
	SFTP_WRITE = 6,
	SFTP_FSETSTAT = 10,
	SFTP_REMOVE = 13,
	SFTP_MKDIR = 14,
	SFTP_STAT = 17,
	SFTP_RENAME = 18,
	SFTP_STATUS = 101,
	SFTP_HANDLE = 102,
	SFTP_DATA = 103,
	SFTP_ATTRS = 105,
	SFTP_EXTENDED = 200,
	SFTP_EXTENDED_REPLY = 201,
};

enum sftp_status {
	SFTP_OK = 0,
	SFTP_EOF = 1,
	SFTP_NO_SUCH_FILE = 2,
	SFTP_DENIED = 3,
	SFTP_FAILURE = 4,
	SFTP_UNSUPPORTED = 8,
};

enum { SFTP_OPEN_READ = 1, SFTP_OPEN_WRITE = 2, SFTP_OPEN_CREATE = 8, SFTP_OPEN_TRUNCATE = 16 };

struct sftp_reply {
	int type; /* enum sftp_type */
	uint32_t id;
	uint32_t status;   /* SFTP_STATUS; a text from over there is in `bytes` */
	const char *bytes; /* of a handle, data, or a status; borrowed from the packet */
	size_t len;
	int64_t size;       /* SFTP_ATTRS; -1 = not told */
	uint32_t mtime;     /* SFTP_ATTRS; 0 = not told */
	int64_t free_bytes; /* SFTP_EXTENDED_REPLY to statvfs; -1 = cannot be told */
	bool has_posix_rename, has_statvfs; /* SFTP_VERSION */
};

/* Returns where the packet begins, for sftp_end(). SFTP_INIT takes the version as its id. */
size_t sftp_begin(struct buf *out, enum sftp_type type, uint32_t id);
void sftp_add_u32(struct buf *out, uint32_t value);
void sftp_add_u64(struct buf *out, uint64_t value);
void sftp_add_text(struct buf *out, const void *bytes, size_t len);
void sftp_add_mode(struct buf *out, unsigned mode); /* as ATTRS */
void sftp_end(struct buf *out, size_t at);

/* Bytes of the whole packet at `in`; 0 = not all there yet; E_PROTO when it is none. */
ssize_t sftp_packet(const char *in, size_t len);
/* 0 or E_PROTO; what it does not know has its type and nothing else. */
int sftp_parse(const char *packet, size_t len, struct sftp_reply *reply);

#endif
