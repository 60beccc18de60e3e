/*
 * Changes of what is declared: new, copied, deleted and edited applications. A part of the seam
 * (source.h); a workspace does them to its files, other origins say E_UNSUPPORTED.
 *
 * Editing: SOURCE_DRAFT gives a copy beside the file; a person's editor changes it; SOURCE_SAVE
 * checks it and puts it in the file's place, or says what is wrong in it (E_CONFIG: back to the
 * editor); SOURCE_DROP ends it without a change.
 */
#ifndef WEIR_SOURCE_CHANGE_H
#define WEIR_SOURCE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/model/app.h"

enum source_change_verb {
	SOURCE_NEW,
	SOURCE_COPY,
	SOURCE_DELETE, /* whether it runs is the caller's question */
	SOURCE_DRAFT,
	SOURCE_SAVE,
	SOURCE_DROP,
};

/* Texts are copied. */
struct source_change {
	enum source_change_verb verb;
	const char *team, *name;         /* NEW, COPY: of what is to be */
	enum app_type type;              /* NEW */
	const char *cluster, *flink_env; /* NEW; or NULL */
	const char *path;                /* all but NEW: decl->path */
	/* NEW, COPY: "key=value", see workspace/rewrite.h for keys. */
	const char *const *sets;
	size_t set_count;
	const char *draft, *digest; /* SAVE, DROP: as DRAFT gave them */
};

/* Borrowed for the call. */
struct source_changed {
	const char *path;   /* absolute: the file that is there now (DELETE: was), or the draft */
	const char *digest; /* DRAFT */
	bool is_same;       /* SAVE: nothing was changed */
};

struct source_change_op;
/*
 * err: E_ARG a name that is none, a setting that is none · E_CONFLICT it is there already; it was
 * changed or is gone since its draft was made (the draft stays) · E_CONFIG what would come out is
 * broken: file:line:column (nothing was changed; a draft stays) · E_NOTFOUND · E_DENIED · E_INTERNAL
 * · E_UNSUPPORTED.
 */
typedef void (*source_change_fn)(
	void *data, const struct source_changed *changed, const struct err *err);

#endif
