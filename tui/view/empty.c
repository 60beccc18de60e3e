/*
 * An empty list has many reasons, and each has its own cure: filtered away, still loading, not
 * configured, nobody answers, or truly nothing there. The first that holds is said.
 */
#include "tui/view/empty.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

struct page {
	struct canvas *canvas;
	struct rect rect;
	int row;
};

/* One line, broken at blanks where it is too long; an empty one is room. */
static void say(struct page *page, enum style style, const char *text)
{
	int cols = page->rect.cols - 4;

	if (!*text)
		page->row++;
	while (*text && page->row < page->rect.rows) {
		size_t len = utf8_fit(text, cols, NULL), cut = len;
		while (text[len] && cut && text[cut] != ' ')
			cut--;
		if (text[len] && cut)
			len = cut;
		struct buf piece;
		buf_init(&piece, 0);
		buf_add(&piece, text, len);
		canvas_put(page->canvas, page->rect.row + page->row++, page->rect.col + 2, cols,
			style, buf_str(&piece));
		buf_release(&piece);
		text += len;
		while (*text == ' ')
			text++;
	}
}

static void say_cluster_errors(struct page *page, struct cluster *const *clusters, size_t count)
{
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < count && i < 5; i++) {
		if (!clusters[i]->last_err.code)
			continue;
		buf_reset(&text);
		buf_addf(&text, "%s: %s", clusters[i]->name, clusters[i]->last_err.text);
		say(page, STYLE_ERROR, buf_str(&text));
	}
	buf_release(&text);
}

static void say_unconfigured(struct page *page, const char *config_path,
	struct cluster *const *clusters, size_t count, bool has_failed)
{
	struct buf text;

	buf_init(&text, 0);
	buf_addf(&text,
		has_failed ? _("No configuration, and nobody answers at %s")
			   : _("No configuration: trying %s …"),
		count ? clusters[0]->address : "http://localhost:8081");
	say(page, has_failed ? STYLE_WARN : STYLE_TEXT, buf_str(&text));
	say_cluster_errors(page, clusters, count);
	say(page, STYLE_TEXT, "");
	say(page, STYLE_TEXT, _("To look at a JobManager elsewhere:"));
	say(page, STYLE_KEY, "  weir --rest http://host:8081");
	say(page, STYLE_TEXT, _("To keep clusters, hosts and teams, write a configuration file:"));
	buf_reset(&text);
	buf_addf(&text, "  %s", config_path);
	say(page, STYLE_KEY, buf_str(&text));
	say(page, STYLE_TEXT, _("  :write-config writes one to begin with"));
	buf_release(&text);
}

static bool say_workspace_errors(struct page *page, const struct view_host *host)
{
	bool said = false;

	for (size_t i = 0; i < host->context_count; i++) {
		const struct err *err = fleet_workspace_error(host->fleet, host->contexts[i]);
		if (err)
			say(page, STYLE_ERROR, err->text);
		said = said || err;
	}
	if (said)
		say(page, STYLE_TEXT, "");
	return said;
}

static void say_nothing_yet(struct page *page, const struct view_host *host)
{
	size_t count, asked = 0, failed = 0;
	struct cluster *const *clusters = fleet_clusters(host->fleet, &count);
	const char *config_path = host->unconfigured(host->data);
	struct buf text;

	for (size_t i = 0; i < count; i++) {
		asked += clusters[i]->asked_ms > 0;
		failed += clusters[i]->asked_ms > 0 && clusters[i]->last_err.code;
	}
	buf_init(&text, 0);
	say_workspace_errors(page, host);
	if (config_path && (!asked || failed == count)) {
		say_unconfigured(page, config_path, clusters, count, failed == count && count);
	} else if (!count) {
		say(page, STYLE_TEXT,
			_("No cluster is configured, and the workspace declares nothing."));
		say(page, STYLE_DIM, _("Add clusters or a workspace to the configuration file."));
		say(page, STYLE_KEY, "  weir config path");
	} else if (asked < count) {
		buf_addf(&text, _("Asking %zu clusters …"), count);
		say(page, STYLE_TEXT, buf_str(&text));
		say_cluster_errors(page, clusters, count);
	} else if (failed) {
		buf_addf(&text, _("%zu of %zu clusters do not answer:"), failed, count);
		say(page, STYLE_WARN, buf_str(&text));
		say_cluster_errors(page, clusters, count);
		say(page, STYLE_TEXT, "");
		say(page, STYLE_DIM, _("They are asked again by themselves; r asks at once."));
	} else {
		say(page, STYLE_TEXT, _("The JobManagers answer, and run no jobs."));
		say(page, STYLE_DIM,
			_("Jobs appear here by themselves as soon as one is submitted."));
	}
	buf_release(&text);
}

static void say_teams(struct page *page, const struct view_host *host)
{
	if (say_workspace_errors(page, host))
		return;
	say(page, STYLE_TEXT, _("No teams: they are the folders of a workspace."));
	say(page, STYLE_KEY, "  teams/<team>/team.yaml");
	say(page, STYLE_KEY, "  teams/<team>/apps/<application>.yaml");
	say(page, STYLE_DIM,
		_("Name the workspace's folder in the configuration file: workspace: "
		  "~/flink-apps"));
}

void empty_draw(const struct view_host *host, const struct column_table *columns, size_t total,
	bool is_attention, struct canvas *canvas, struct rect rect)
{
	struct page page = {.canvas = canvas, .rect = rect, .row = 1};

	if (total) {
		say(&page, STYLE_TEXT,
			is_attention ? _("Nothing here needs attention.")
				     : _("No line holds what the filter asks for."));
		say(&page, STYLE_DIM,
			is_attention ? _("Esc shows everything again.")
				     : _("Esc clears the filter, / changes it."));
	} else if (host->phase(host->data) == PHASE_LOADING) {
		say(&page, STYLE_DIM, _("Reading what is remembered …"));
	} else if (columns == &team_table) {
		say_teams(&page, host);
	} else {
		say_nothing_yet(&page, host);
	}
}
