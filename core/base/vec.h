/*
 * A growing array of any type:
 *
 *	struct { int *data; size_t len, alloc; } v = {0};   or   VEC(int) v = {0};
 *	vec_push(&v, 7);
 *	vec_release(&v);
 */
#ifndef WEIR_BASE_VEC_H
#define WEIR_BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *data;                                                                        \
		size_t len, alloc;                                                                 \
	}

/* Room for `need` elements of `size` bytes; returns the (moved) data. */
void *vec_grow(void *data, size_t *alloc, size_t need, size_t size);
/* To `len` elements, of which there are no fewer; NULL for none. */
void *vec_shrink(void *data, size_t len, size_t size);

/* NOLINTBEGIN(bugprone-sizeof-expression): an element may well be a pointer */
#define vec_reserve(v, need)                                                                       \
	((v)->data = vec_grow((v)->data, &(v)->alloc, (need), sizeof(*(v)->data)))
#define vec_push(v, item) (vec_reserve(v, (v)->len + 1), (void)((v)->data[(v)->len++] = (item)))
/* No more room than what it holds: of those that thousands keep. */
#define vec_fit(v)                                                                                 \
	((v)->alloc = (v)->len, (v)->data = vec_shrink((v)->data, (v)->len, sizeof(*(v)->data)))
#define vec_release(v) (free((v)->data), (v)->data = NULL, (v)->len = (v)->alloc = 0)
#define vec_each(it, v) for ((it) = (v)->data; (it) && (it) < (v)->data + (v)->len; (it)++)
/* NOLINTEND(bugprone-sizeof-expression) */

#endif
