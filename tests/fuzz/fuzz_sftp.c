/*
 * What an SFTP server says, as a stream of packets. Beyond not crashing: a packet is never longer
 * than what came, texts lie within it, and what was taken once is taken the same from a copy that
 * ends where it ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/net/sftp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_packet(const char *packet, size_t len)
{
	struct sftp_reply reply, again;
	char *copy = malloc(len);
	int rc;

	if (!copy)
		abort();
	memcpy(copy, packet, len); /* a byte behind it would be seen */
	rc = sftp_parse(copy, len, &reply);
	if (rc != 0 && rc != E_PROTO)
		abort();
	if (rc == 0 && reply.len && (reply.bytes < copy || reply.bytes + reply.len > copy + len))
		abort();
	if (sftp_parse(packet, len, &again) != rc)
		abort();
	if (rc == 0 &&
		(again.id != reply.id || again.len != reply.len || again.size != reply.size ||
			again.status != reply.status || again.free_bytes != reply.free_bytes ||
			memcmp(again.bytes, reply.bytes, reply.len) != 0))
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	ssize_t len;

	while ((len = sftp_packet(at, size)) > 0) {
		if ((size_t)len > size || len < 9)
			abort();
		check_packet(at, (size_t)len);
		at += len;
		size -= (size_t)len;
	}
	if (len != 0 && len != E_PROTO)
		abort();
	return 0;
}
