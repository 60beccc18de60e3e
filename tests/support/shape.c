/* Two documents side by side, key by key. */
#include "tests/support/shape.h"

#include <stdio.h>

#include "tests/support/check.h"

static bool is_same_kind(const json_t *a, const json_t *b)
{
	return json_typeof(a) == json_typeof(b) || (json_is_number(a) && json_is_number(b)) ||
		(json_is_boolean(a) && json_is_boolean(b));
}

void check_shape(const char *where, const json_t *got, const json_t *want)
{
	const json_t *value;
	const char *key;
	char deeper[512];

	if (json_is_null(got) || json_is_null(want))
		return;
	if (!is_same_kind(got, want))
		fail_msg("%s: not of the type that was recorded", where);
	if (json_array_size(got) && json_array_size(want)) {
		snprintf(deeper, sizeof(deeper), "%s[]", where);
		check_shape(deeper, json_array_get(got, 0), json_array_get(want, 0));
	}
	json_object_foreach ((json_t *)want, key, value) {
		snprintf(deeper, sizeof(deeper), "%s.%s", where, key);
		if (!json_object_get(got, key))
			fail_msg("%s is missing", deeper);
		check_shape(deeper, json_object_get(got, key), value);
	}
	json_object_foreach ((json_t *)got, key, value) {
		if (!json_object_get(want, key))
			fail_msg("%s.%s was never recorded", where, key);
	}
}
