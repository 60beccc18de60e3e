/*
 * The one column table of each kind: the screen, `-o table|wide|csv` and JSON all read it. A column
 * says what its value is; how that looks as text, sorts, or becomes JSON follows from the type
 * alone. Pure: time comes only as an argument.
 */
#ifndef WEIR_PRESENT_COLUMN_H
#define WEIR_PRESENT_COLUMN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/ref.h"
#include "core/model/state.h"

struct buf;
struct json_out;
struct fleet;
struct job;

enum value_type {
	VALUE_NULL, /* unknown: JSON null, "-" on the screen */
	VALUE_TEXT,
	VALUE_INT,
	VALUE_REAL,
	VALUE_BOOL,
	VALUE_TIME_MS,     /* epoch; screen: age, or a date when older than a day */
	VALUE_DURATION_MS, /* "38ms", "4.2s", "3m12s", "5h02m", "12d4h" */
	VALUE_BYTES,       /* "5.5KiB" */
	VALUE_TEXTS,       /* list of texts */
};

struct value {
	enum value_type type;
	union {
		const char *text; /* borrowed from the item */
		int64_t number;   /* INT BOOL TIME_MS DURATION_MS BYTES */
		double real;
		struct {
			const char *const *items;
			size_t count;
		} texts;
	};
};

/* What a column may look at besides the item. */
struct present_env {
	int64_t now_ms;
	int64_t mono_ms;  /* clock_mono_ms(), for ages; 0: by now_ms */
	int64_t stale_ms; /* older than this is stale: two polls */
	bool is_watched;  /* drawn again and again: ages go by steps of ten seconds, from ten on */
};

/* How sure or how bad a cell is; the screen maps it to a style, the table to nothing. */
enum tone {
	TONE_NORMAL,
	TONE_DIM,
	TONE_STRONG,
	TONE_OK,
	TONE_INFO,
	TONE_WARN,
	TONE_ERROR,
	TONE_STATE, /* by the item's state: see present_state_tone() users in the widget */
	TONE_ALARM, /* of a state: whatever its word is, an error */
};

struct column {
	const char *key;   /* JSON name, also the sort and --columns word */
	const char *title; /* N_(); NULL = in JSON only */
	const char *word;  /* in filters, where that is shorter than the key */
	struct value (*get)(const void *item, const struct present_env *env);
	enum tone (*tone)(const void *item, const struct present_env *env); /* NULL = normal */
	/* Text on the screen and in tables where it differs from the value's ("RESTARTING 12/h");
	 * NULL = by type. */
	void (*text)(const void *item, const struct present_env *env, struct buf *out);
	/* What no single value can say; NULL = by type. */
	void (*json)(const void *item, const struct present_env *env, struct json_out *out);
	int min_cols, max_cols; /* of the screen; max 0 = takes what is left */
	int priority;           /* 1 = dropped last on a narrow screen */
	bool is_right;
	bool is_wide; /* only with -o wide / the wide toggle */
	/* Its value moves by time alone, or with each answer: nobody is told (struct change). */
	bool is_restless;
	/* Known only of what was looked at (who filters by it is told of how many): its type; else VALUE_NULL. */
	enum value_type sparse;
	bool is_json_hidden; /* on the screen only: its value is in another column already */
};

struct column_table {
	const char *kind;      /* "AppList" */
	const char *name;      /* "apps": the word on the command line and in the palette */
	const char *item_name; /* N_("application") */
	const struct column *columns;
	size_t count;
	enum kind item_kind;
	/* fleet_items and fleet_item, asked with item_kind; every item begins with `char *ref`. */
	void *const *(*items)(const struct fleet *fleet, enum kind kind, size_t *count);
	void *(*find)(const struct fleet *fleet, enum kind kind, const char *ref);
	/* Text the substring filter looks in: name, team, state, cluster, owner, tags... joined by
	 * '\n'. */
	void (*filter_text)(const void *item, struct buf *out);
	bool (*is_stale)(const void *item, const struct present_env *env); /* NULL = never */
};

extern const struct column_table app_table, cluster_table, team_table, job_table;
/* Of struct run; its items come from core/query, and column_table_find() does not know it. */
extern const struct column_table run_table, build_table, release_table;
/* Of struct restore_point, as run_table. */
extern const struct column_table point_table;
/* Of struct env_state and of struct finding, as run_table. */
extern const struct column_table env_table, finding_table;
/* Of struct taskmanager_item (core/watch/taskmanagers.h), as run_table. */
extern const struct column_table taskmanager_table;
/* Of struct kept_file, as run_table. */
extern const struct column_table kept_file_table;
/* Of what the recorder remembers (core/model/history.h), as run_table. */
extern const struct column_table event_table, seen_checkpoint_table, seen_exception_table,
	sample_table;
/* Of struct command_entry (core/base/command_log.h), which is where its items come from. */
extern const struct column_table command_log_table;
/* NULL when there is none of that name; "app" and "apps" both. */
const struct column_table *column_table_find(const char *name);
static inline const char *column_ref(const void *item)
{
	return *(const char *const *)item;
}
const struct column *column_find(const struct column_table *table, const char *key);

void value_text(const struct value *value, const struct present_env *env, struct buf *out);
/* Of a text of ours that was kept, which is English: as it is said in the language in use (i18n_shown()). */
void value_shown(const struct value *value, const struct present_env *env, struct buf *out);
void value_json(const struct value *value, struct json_out *out);
/* < 0, 0, > 0; unknown sorts last, whichever way. */
int value_compare(const struct value *a, const struct value *b);
/* The cell of an item: column->text, else value_text(). Foreign text is not neutralised here. */
void column_text(const struct column *column, const void *item, const struct present_env *env,
	struct buf *out);
/* What the column says in JSON: column->json, else value_json(). */
void column_json(const struct column *column, const void *item, const struct present_env *env,
	struct json_out *out);
/* The item as the object of its JSON list; the same as a tree, owned. */
void column_item_write(const struct column_table *table, const void *item,
	const struct present_env *env, struct json_out *out);
json_t *column_item_json(
	const struct column_table *table, const void *item, const struct present_env *env);

/* "●" and "*" style marks so that a state reads without colour; one cell wide each. */
const char *state_glyph(enum app_state state, bool ascii);

/* How long a job runs, or ran; -1 = unknown. */
int64_t job_duration_ms(const struct job *job, int64_t now_ms);
void format_duration(int64_t ms, struct buf *out);
void format_bytes(int64_t bytes, struct buf *out);
/* Of anything by the second: "0.4", "850", "12k"; negative: "-". */
void format_rate(double per_second, struct buf *out);
/* Age against now: "4s", "3m12s"; dates when more than 99 days. */
void format_age(int64_t then_ms, int64_t now_ms, struct buf *out);
/* The same in a cell: as its environment wants it. */
void format_cell_age(int64_t then_ms, const struct present_env *env, struct buf *out);
/* How long ago something was seen: as an age, "now" below five seconds, which is what is asked for again and again. */
void format_seen(int64_t then_ms, int64_t now_ms, struct buf *out);

#endif
