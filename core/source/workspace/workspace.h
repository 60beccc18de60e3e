/*
 * A workspace folder as a source: teams/<team>/team.yaml and teams/<team>/apps/<app>.yaml. Each
 * poll looks at every file's place, size and time, on the pool, and reads only those that changed;
 * when none did the snapshot says is_unchanged. A broken file is one row with its error; the others
 * load.
 *
 * Two polls at once share no scan: the later one sees what was on disk after it was asked. A
 * snapshot that was never delivered (canceled, timed out) does not count as the last good answer.
 *
 * Errors of a snapshot: E_NOTFOUND no such folder, or no teams/ in it · E_CONFIG it cannot be read
 * · E_TIMEOUT the disk does not answer (10 s by default) · E_UNSUPPORTED anything but
 * SNAPSHOT_WORKSPACE.
 */
#ifndef WEIR_SOURCE_WORKSPACE_WORKSPACE_H
#define WEIR_SOURCE_WORKSPACE_WORKSPACE_H

#include "core/loop/loop.h"
#include "core/source/source.h"

/* Never fails: whether there is such a folder is the answer of a poll. Close it before the loop. */
struct source *workspace_source_new(struct loop *loop, const char *context, const char *path);

#endif
