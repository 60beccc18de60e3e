/*
 * The detail of a job as text, so that a card can be shown by a process that does not poll: written
 * and read by the same version of the program (cache.db's schema sees to that), secrets in foreign
 * texts masked. Pure; on the lane.
 */
#ifndef WEIR_STORE_DETAIL_TEXT_H
#define WEIR_STORE_DETAIL_TEXT_H

#include "core/base/arena.h"
#include "core/model/job.h"

char *detail_to_text(const struct job_detail *detail); /* malloc'd */
/* Texts are copied into `arena`. False: it is not understood, `out` is untouched. */
bool detail_from_text(struct arena *arena, const char *text, struct job_detail *out);

#endif
