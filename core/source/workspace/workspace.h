/*
 * A workspace folder as a source: teams/<team>/team.yaml and teams/<team>/apps/<app>.yaml. Each poll looks
 * at every file's place, size and time, on the pool, and reads only those that changed; when none did
 * the snapshot says is_unchanged. A broken file is one row with its error; the others load.
 */
#ifndef WEIR_SOURCE_WORKSPACE_WORKSPACE_H
#define WEIR_SOURCE_WORKSPACE_WORKSPACE_H

#include "core/loop/loop.h"
#include "core/source/source.h"

struct source *workspace_source_new(struct loop *loop, const char *context, const char *path);

#endif
