/* The columns that speak of what weir itself did to an application: null where it did nothing. */
#ifndef WEIR_PRESENT_APP_RECORD_H
#define WEIR_PRESENT_APP_RECORD_H

#include "core/present/column.h"

struct value record_operation(const void *item, const struct present_env *env);
/* "stop", "stop?" when nobody knows how it goes on. */
void record_text_operation(const void *item, const struct present_env *env, struct buf *out);
enum tone record_tone_operation(const void *item, const struct present_env *env);
struct value record_operation_run(const void *item, const struct present_env *env);
struct value record_operation_state(const void *item, const struct present_env *env);
struct value record_operation_since(const void *item, const struct present_env *env);
struct value record_release_state(const void *item, const struct present_env *env);
void record_text_release(const void *item, const struct present_env *env, struct buf *out);
enum tone record_tone_release(const void *item, const struct present_env *env);
struct value record_release(const void *item, const struct present_env *env);
struct value record_point_path(const void *item, const struct present_env *env);
struct value record_point_kind(const void *item, const struct present_env *env);
struct value record_point_time(const void *item, const struct present_env *env);
/* "all" "failed" "none": what stays of its checkpoints when the job ends. */
struct value record_retention(const void *item, const struct present_env *env);

#endif
