/* Configuration as the JobManager tells it, as the file declares it, and the file itself. */
#include "tui/view/card_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define NAME_COLS 34

static void setting(struct pager *pager, enum style style, const char *name, const char *value)
{
	char *masked;

	if (!value)
		return;
	masked = redact_key(name) ? xstrdup("******") : redact_dup(value);
	pager_wrap(pager, NAME_COLS);
	pager_add(pager, STYLE_DIM, name);
	pager_tab(pager, NAME_COLS);
	pager_add(pager, style, masked);
	pager_end_line(pager);
	free(masked);
}

static void setting_duration(struct pager *pager, const char *name, int64_t ms)
{
	struct buf text;

	if (ms < 0)
		return;
	buf_init(&text, 0);
	format_duration(ms, &text);
	setting(pager, STYLE_TEXT, name, buf_str(&text));
	buf_release(&text);
}

static void setting_number(struct pager *pager, const char *name, int64_t number)
{
	struct buf text;

	if (number < 0)
		return;
	buf_init(&text, 0);
	buf_addf(&text, "%" PRId64, number);
	setting(pager, STYLE_TEXT, name, buf_str(&text));
	buf_release(&text);
}

static void write_checkpointing(struct pager *pager, const struct checkpoint_config *config)
{
	if (config->interval_ms <= 0) {
		setting(pager, STYLE_WARN, _("checkpointing"), _("off"));
		return;
	}
	setting_duration(pager, _("checkpoint interval"), config->interval_ms);
	setting_duration(pager, _("checkpoint timeout"), config->timeout_ms);
	setting_duration(pager, _("pause between checkpoints"), config->min_pause_ms);
	setting_number(pager, _("checkpoints at a time"), config->max_concurrent);
	setting_number(pager, _("failures tolerated"), config->tolerable_failures);
	setting(pager, STYLE_TEXT, _("mode"), config->mode);
	setting(pager, STYLE_TEXT, _("unaligned"), config->is_unaligned ? _("yes") : _("no"));
	setting(pager, config->is_retained ? STYLE_TEXT : STYLE_WARN, _("retained"),
		config->is_retained ? _("yes") : _("no: deleted when the job ends"));
	setting(pager, STYLE_TEXT, _("state backend"), config->state_backend);
	setting(pager, STYLE_TEXT, _("checkpoint storage"), config->storage);
}

static void write_declared(struct pager *pager, const struct app_decl *decl)
{
	struct buf args;

	setting(pager, STYLE_TEXT, "flink-env", decl->flink_env);
	setting(pager, STYLE_TEXT, "artifact", decl->artifact);
	setting(pager, STYLE_TEXT, "main-class", decl->main_class);
	setting(pager, STYLE_TEXT, "sql-file", decl->sql_file);
	if (decl->arg_count) {
		buf_init(&args, 0);
		for (size_t i = 0; i < decl->arg_count; i++)
			buf_addf(&args, "%s%s", i ? " " : "", decl->args[i]);
		setting(pager, STYLE_TEXT, "args", buf_str(&args));
		buf_release(&args);
	}
	for (size_t i = 0; i < decl->property_count; i++)
		setting(pager, STYLE_TEXT, decl->properties[i].key, decl->properties[i].value);
}

void card_write_config(struct pager *pager, const struct card_content *content)
{
	const struct app *app = content->app;
	const struct job_detail *told =
		app->job && app->job->config ? &app->job->config->detail : NULL;

	if (app->job || !app->decl)
		card_write_age(pager, content, told ? app->job->config->observed_ms : 0);
	if (told) {
		write_checkpointing(pager, &told->checkpoint_config);
		setting(pager, STYLE_TEXT, _("restart strategy"), told->restart_strategy);
		for (size_t i = 0; i < told->setting_count; i++)
			setting(pager, STYLE_TEXT, told->settings[i].key, told->settings[i].value);
	}
	if (!app->decl)
		return;
	if (app->decl->error) {
		pager_text(pager, STYLE_DIM, _("its file cannot be read as it is"));
		return;
	}
	if (told || app->job) {
		pager_end_line(pager);
		pager_text(pager, STYLE_DIM, _("as its file declares:"));
	}
	write_declared(pager, app->decl);
}

void card_write_file(struct pager *pager, const struct app_decl *decl)
{
	struct buf title;

	buf_init(&title, 0);
	buf_addf(&title, "%s\n\n", decl->path ? decl->path : "");
	pager_text(pager, STYLE_DIM, buf_str(&title));
	pager_wrap(pager, 4);
	if (decl->text)
		pager_text(pager, STYLE_TEXT, decl->text);
	else
		pager_text(pager, STYLE_DIM, _("its text is not known"));
	buf_release(&title);
}
