/* Has an answer the shape of one that was recorded? */
#ifndef WEIR_TESTS_SHAPE_H
#define WEIR_TESTS_SHAPE_H

#include <jansson.h>

/* Keys and types, at every depth; what is null or empty on one side says nothing of the other. */
void check_shape(const char *where, const json_t *got, const json_t *want);

#endif
