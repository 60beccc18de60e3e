/*
 * What kind of key a file holds, and whether it is encrypted, read from its unencrypted head: so a
 * person is asked for a passphrase only where there is one, and an RSA key is called by its name.
 * Nothing secret is decoded.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh_thread.h"

#define KEY_CAP_BYTES ((size_t)64 << 10)
#define HEAD_BYTES 512

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The first bytes of a base64 text with line ends in it. */
static size_t decode_head(const char *text, unsigned char *out, size_t max)
{
	uint32_t bits = 0;
	int have = 0;
	size_t len = 0;

	for (; *text && *text != '-' && *text != '=' && len < max; text++) {
		int digit = digit_of(*text);
		if (digit < 0)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[len++] = (unsigned char)(bits >> have);
		}
	}
	return len;
}

/* The next string of SSH's own encoding; false at the end. */
static bool next_string(const unsigned char **at, size_t *left, const char **text, size_t *len)
{
	const unsigned char *p = *at;

	if (*left < 4)
		return false;
	*len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (*len > *left - 4)
		return false;
	*text = (const char *)p + 4;
	*at += 4 + *len;
	*left -= 4 + *len;
	return true;
}

static bool starts(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(text, with, strlen(with));
}

static enum key_kind kind_of(const char *type, size_t len)
{
	if (starts(type, len, "ssh-rsa"))
		return KEY_RSA;
	if (starts(type, len, "ssh-ed25519"))
		return KEY_ED25519;
	return starts(type, len, "ecdsa-sha2-") ? KEY_ECDSA : KEY_OTHER;
}

static void look_openssh(const char *base64, struct key_info *info)
{
	unsigned char head[HEAD_BYTES];
	size_t left = decode_head(base64, head, sizeof(head)), len;
	const unsigned char *at = head + 15;
	const char *text;

	if (left < 15 || memcmp(head, "openssh-key-v1", 15) != 0)
		return;
	left -= 15;
	if (!next_string(&at, &left, &text, &len))
		return;
	info->is_encrypted = !(len == 4 && !memcmp(text, "none", 4));
	/* the derivation, its options, then the number of keys */
	if (!next_string(&at, &left, &text, &len) || !next_string(&at, &left, &text, &len) ||
		left < 8)
		return;
	at += 4 + 4; /* and the length of the first public key: its type is the first in it */
	left -= 4 + 4;
	if (next_string(&at, &left, &text, &len))
		info->kind = kind_of(text, len);
}

void key_look(const char *path, struct key_info *info)
{
	static const char openssh[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	struct buf text;
	const char *body;

	*info = (struct key_info){KEY_MISSING, false};
	buf_init(&text, KEY_CAP_BYTES);
	if (!file_read(path, &text, NULL)) {
		body = buf_str(&text);
		info->kind = KEY_OTHER;
		if (strstr(body, openssh))
			look_openssh(strstr(body, openssh) + strlen(openssh), info);
		else if (strstr(body, "-----BEGIN RSA PRIVATE KEY-----"))
			info->kind = KEY_RSA;
		else if (strstr(body, "-----BEGIN EC PRIVATE KEY-----"))
			info->kind = KEY_ECDSA;
		info->is_encrypted |= strstr(body, "Proc-Type: 4,ENCRYPTED") ||
			strstr(body, "-----BEGIN ENCRYPTED PRIVATE KEY-----");
		mem_wipe(text.data, text.len);
	}
	buf_release(&text);
}

/* The public key in the head of OpenSSH's own format; 0 = it is another one. */
static size_t public_part(const char *text, unsigned char *head, const unsigned char **out)
{
	static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	const char *body = strstr(text, begin), *part;
	const unsigned char *at = head;
	size_t left, len;

	if (!body)
		return 0;
	left = decode_head(body + strlen(begin), head, HEAD_BYTES);
	if (left < 15 || memcmp(head, "openssh-key-v1", 15) != 0)
		return 0;
	at += 15;
	left -= 15;
	for (int i = 0; i < 3; i++) /* cipher, derivation, its options */
		if (!next_string(&at, &left, &part, &len))
			return 0;
	if (left < 4) /* the number of keys */
		return 0;
	at += 4;
	left -= 4;
	if (!next_string(&at, &left, &part, &len))
		return 0;
	*out = (const unsigned char *)part;
	return len;
}

static bool file_has(const char *path, const unsigned char *blob, size_t blob_len)
{
	unsigned char head[HEAD_BYTES];
	const unsigned char *key = head;
	struct buf text;
	size_t len = 0;

	buf_init(&text, KEY_CAP_BYTES);
	if (file_read(path, &text, NULL) == 0) {
		const char *body = buf_str(&text), *blank = strchr(body, ' ');

		if (strstr(body, "PRIVATE KEY-----")) {
			len = public_part(body, head, &key);
		} else if (blank) {
			char *word = xstrndup(blank + 1, strcspn(blank + 1, " \r\n"));
			len = decode_head(word, head, sizeof(head));
			free(word);
		}
		mem_wipe(text.data, text.len);
	}
	buf_release(&text);
	return len && len == blob_len && !memcmp(key, blob, len);
}

bool key_is_of_file(const char *path, const unsigned char *blob, size_t len)
{
	char *public = xasprintf("%s.pub", path);
	bool is = file_has(public, blob, len) || file_has(path, blob, len);

	free(public);
	return is;
}
