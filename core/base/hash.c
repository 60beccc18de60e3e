#include "core/base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct hash {
	EVP_MD_CTX *context;
};

struct hash *hash_new(void)
{
	struct hash *hash = xcalloc(1, sizeof(*hash));

	hash->context = EVP_MD_CTX_new();
	if (!hash->context || !EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL))
		abort(); /* no memory, or a libcrypto without SHA-256 */
	return hash;
}

void hash_add(struct hash *hash, const void *bytes, size_t len)
{
	if (!EVP_DigestUpdate(hash->context, bytes, len))
		abort();
}

void hash_finish(struct hash *hash, char out[HASH_HEX_LEN + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!EVP_DigestFinal_ex(hash->context, digest, &len) || len != HASH_HEX_LEN / 2)
		abort();
	for (unsigned i = 0; i < len; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", digest[i]);
	hash_free(hash);
}

void hash_free(struct hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

void hash_bytes(const void *bytes, size_t len, char out[HASH_HEX_LEN + 1])
{
	struct hash *hash = hash_new();

	hash_add(hash, bytes, len);
	hash_finish(hash, out);
}
