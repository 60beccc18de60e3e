/* What an application's run says in its columns; shared by columns_app.c and its sister only. */
#ifndef WEIR_PRESENT_APP_RUN_H
#define WEIR_PRESENT_APP_RUN_H

#include "core/present/column.h"

struct value run_job_status(const void *item, const struct present_env *env);
struct value run_job_id(const void *item, const struct present_env *env);
struct value run_start(const void *item, const struct present_env *env);
struct value run_duration(const void *item, const struct present_env *env);
struct value run_since(const void *item, const struct present_env *env);
struct value run_restarts(const void *item, const struct present_env *env);
struct value run_lag_records(const void *item, const struct present_env *env);
struct value run_lag_ms(const void *item, const struct present_env *env);
struct value run_restart_rate(const void *item, const struct present_env *env);
enum tone run_tone_restarts(const void *item, const struct present_env *env);
struct value run_checkpoint_id(const void *item, const struct present_env *env);
struct value run_checkpoint_age(const void *item, const struct present_env *env);
void run_text_checkpoint_age(const void *item, const struct present_env *env, struct buf *out);
enum tone run_tone_checkpoint_age(const void *item, const struct present_env *env);
struct value run_checkpoint_duration(const void *item, const struct present_env *env);
struct value run_checkpoint_bytes(const void *item, const struct present_env *env);
struct value run_checkpoint_path(const void *item, const struct present_env *env);
struct value run_parallelism(const void *item, const struct present_env *env);
struct value run_tasks_running(const void *item, const struct present_env *env);
void run_text_tasks(const void *item, const struct present_env *env, struct buf *out);
struct value run_tasks_total(const void *item, const struct present_env *env);

#endif
