/* A cursor over the packet that never passes its end: what is missing makes the whole wrong. */
#include "core/net/sftp_wire.h"

#include <string.h>

#include "core/base/err.h"

enum { ATTR_SIZE = 1, ATTR_OWNER = 2, ATTR_MODE = 4, ATTR_TIMES = 8 };

static void put_u32(char *at, uint32_t value)
{
	at[0] = (char)(value >> 24);
	at[1] = (char)(value >> 16);
	at[2] = (char)(value >> 8);
	at[3] = (char)value;
}

static uint32_t get_u32(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

size_t sftp_begin(struct buf *out, enum sftp_type type, uint32_t id)
{
	size_t at = out->len;

	sftp_add_u32(out, 0);
	buf_addc(out, (char)type);
	sftp_add_u32(out, id);
	return at;
}

void sftp_add_u32(struct buf *out, uint32_t value)
{
	char bytes[4];

	put_u32(bytes, value);
	buf_add(out, bytes, sizeof(bytes));
}

void sftp_add_u64(struct buf *out, uint64_t value)
{
	sftp_add_u32(out, (uint32_t)(value >> 32));
	sftp_add_u32(out, (uint32_t)value);
}

void sftp_add_text(struct buf *out, const void *bytes, size_t len)
{
	sftp_add_u32(out, (uint32_t)len);
	buf_add(out, bytes, len);
}

void sftp_add_mode(struct buf *out, unsigned mode)
{
	sftp_add_u32(out, ATTR_MODE);
	sftp_add_u32(out, mode);
}

void sftp_end(struct buf *out, size_t at)
{
	put_u32(out->data + at, (uint32_t)(out->len - at - 4));
}

ssize_t sftp_packet(const char *in, size_t len)
{
	uint32_t size;

	if (len < 4)
		return 0;
	size = get_u32(in);
	if (size < 5 || size > SFTP_PACKET_MAX)
		return E_PROTO;
	return len - 4 < size ? 0 : (ssize_t)size + 4;
}

struct cursor {
	const char *at;
	size_t left;
	bool is_wrong;
};

static uint32_t take_u32(struct cursor *c)
{
	uint32_t value;

	if (c->left < 4) {
		c->is_wrong = true;
		return 0;
	}
	value = get_u32(c->at);
	c->at += 4;
	c->left -= 4;
	return value;
}

static uint64_t take_u64(struct cursor *c)
{
	uint64_t high = take_u32(c);

	return high << 32 | take_u32(c);
}

static const char *take_text(struct cursor *c, size_t *len)
{
	const char *text = c->at + 4;

	*len = take_u32(c);
	if (c->is_wrong || *len > c->left) {
		c->is_wrong = true;
		*len = 0;
		return "";
	}
	c->at += *len;
	c->left -= *len;
	return text;
}

static void take_extensions(struct cursor *c, struct sftp_reply *reply)
{
	while (c->left && !c->is_wrong) {
		size_t len, value_len;
		const char *name = take_text(c, &len), *value = take_text(c, &value_len);
		bool is_one = value_len == 1 && *value == '1',
		     is_two = value_len == 1 && *value == '2';

		if (c->is_wrong)
			break;
		if (is_one && len == 24 && !memcmp(name, "posix-rename@openssh.com", len))
			reply->has_posix_rename = true;
		if (is_two && len == 19 && !memcmp(name, "statvfs@openssh.com", len))
			reply->has_statvfs = true;
	}
}

static void take_attrs(struct cursor *c, struct sftp_reply *reply)
{
	uint32_t flags = take_u32(c);

	if (flags & ATTR_SIZE) {
		uint64_t size = take_u64(c);
		if (size > INT64_MAX)
			c->is_wrong = true;
		else
			reply->size = (int64_t)size;
	}
	if (flags & ATTR_OWNER)
		take_u64(c);
	if (flags & ATTR_MODE)
		take_u32(c);
	if (flags & ATTR_TIMES) {
		take_u32(c);
		reply->mtime = take_u32(c);
	}
}

/* f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, … */
static void take_statvfs(struct cursor *c, struct sftp_reply *reply)
{
	uint64_t block, available;

	take_u64(c);
	block = take_u64(c);
	take_u64(c);
	take_u64(c);
	available = take_u64(c);
	if (!c->is_wrong && (!block || available <= INT64_MAX / block))
		reply->free_bytes = (int64_t)(block * available);
	c->is_wrong = false;
}

int sftp_parse(const char *packet, size_t len, struct sftp_reply *reply)
{
	struct cursor c = {.at = packet + 4, .left = len - 4};

	*reply = (struct sftp_reply){.bytes = "", .size = -1, .free_bytes = -1};
	if (len < 9)
		return E_PROTO;
	reply->type = (unsigned char)*c.at++;
	c.left--;
	reply->id = take_u32(&c);
	switch (reply->type) {
	case SFTP_VERSION: take_extensions(&c, reply); break;
	case SFTP_STATUS:
		reply->status = take_u32(&c);
		if (c.left) /* old servers say no more */
			reply->bytes = take_text(&c, &reply->len);
		break;
	case SFTP_HANDLE:
	case SFTP_DATA: reply->bytes = take_text(&c, &reply->len); break;
	case SFTP_ATTRS: take_attrs(&c, reply); break;
	case SFTP_EXTENDED_REPLY: take_statvfs(&c, reply); break;
	default: break;
	}
	return c.is_wrong ? E_PROTO : 0;
}
