/*
 * Who a thing is, for ever: context, source, kind and key in one string; an address is never part
 * of it.
 *
 *	prod/workspace/app/ods/order-sync      prod/workspace/team/ods
 *	prod/config/cluster/sessions           prod/flink:sessions/job/5fa0…
 *
 * Selection, marks and history hold a ref, never a row number or a pointer.
 */
#ifndef WEIR_MODEL_REF_H
#define WEIR_MODEL_REF_H

#include <stdbool.h>
#include <stddef.h>

enum kind { KIND_TEAM, KIND_APP, KIND_CLUSTER, KIND_JOB, KIND_MAX };

/* "team" "app" "cluster" "job" */
const char *kind_name(enum kind kind);

/* malloc'd. */
char *ref_app(const char *context, const char *team, const char *name);
char *ref_team(const char *context, const char *name);
char *ref_cluster(const char *context, const char *name);
char *ref_job(const char *context, const char *cluster, const char *job_id);
/* The kind that a ref names; KIND_MAX when it is none. */
enum kind ref_kind(const char *ref);

#endif
