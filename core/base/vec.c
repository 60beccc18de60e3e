/* Growth of VEC(): by doubling, with the byte count checked. */
#include "core/base/vec.h"

#include <stdint.h>
#include <stdlib.h>

#include "core/base/mem.h"

void *vec_grow(void *data, size_t *alloc, size_t need, size_t size)
{
	if (need <= *alloc)
		return data;
	/* Of thousands of jobs and clusters nearly each holds one or two of something. */
	size_t count = *alloc ? *alloc : size < 8 ? 8 : 2;
	while (count < need)
		count = count > SIZE_MAX / 2 ? need : count * 2;
	/* An impossible size reaches xrealloc() as such, which dies with it. */
	data = xrealloc(data, count > SIZE_MAX / size ? SIZE_MAX : count * size);
	*alloc = count;
	return data;
}

void *vec_shrink(void *data, size_t len, size_t size)
{
	if (len)
		return xrealloc(data, len * size);
	free(data);
	return NULL;
}
