/* Makers of values for the column files; unknown (-1, NULL, 0 of a time) becomes null in one place.
 */
#ifndef WEIR_PRESENT_VALUE_H
#define WEIR_PRESENT_VALUE_H

#include "core/fleet/fleet.h"
#include "core/present/column.h"

static inline struct value value_null(void)
{
	return (struct value){.type = VALUE_NULL};
}
static inline struct value value_of_text(const char *text)
{
	return text && *text ? (struct value){.type = VALUE_TEXT, .text = text} : value_null();
}
/* `type`: any of those kept in `number`. */
static inline struct value value_of_number(enum value_type type, int64_t number)
{
	return number >= 0 ? (struct value){.type = type, .number = number} : value_null();
}
static inline struct value value_of_time(int64_t ms)
{
	return ms > 0 ? (struct value){.type = VALUE_TIME_MS, .number = ms} : value_null();
}
static inline struct value value_of_real(double real)
{
	return real >= 0 ? (struct value){.type = VALUE_REAL, .real = real} : value_null();
}
static inline struct value value_of_bool(bool truth)
{
	return (struct value){.type = VALUE_BOOL, .number = truth};
}
static inline struct value value_of_texts(const char *const *items, size_t count)
{
	return (struct value){.type = VALUE_TEXTS, .texts = {items, count}};
}

#endif
