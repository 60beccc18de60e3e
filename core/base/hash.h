/* SHA-256, of memory or as bytes come. */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include <stddef.h>

#define HASH_HEX_LEN 64

struct hash;
struct hash *hash_new(void);
void hash_add(struct hash *hash, const void *bytes, size_t len);
/* Hex, and `hash` is freed. */
void hash_finish(struct hash *hash, char out[HASH_HEX_LEN + 1]);
void hash_free(struct hash *hash); /* NULL-safe; when it is not finished */
void hash_bytes(const void *bytes, size_t len, char out[HASH_HEX_LEN + 1]);

#endif
