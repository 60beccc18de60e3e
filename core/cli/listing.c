#include "core/cli/listing.h"

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/present/filter.h"

int listing_read_format(
	const struct cli *cli, bool has_names, enum output_format *format, struct err *err)
{
	const char *word = cli_option(cli, "output");

	*format = word ? output_parse(word) : OUT_TABLE;
	if (*format == OUT_MAX || *format == OUT_TEXT || (*format == OUT_NAME && !has_names))
		return err_set(err, E_ARG,
			has_names ? _("unknown format '%s': table, wide, json, yaml, name or csv")
				  : _("unknown format '%s': table, wide, json, yaml or csv"),
			word);
	return 0;
}

int listing_read(struct cli *cli, const struct column_table *table, bool has_names,
	enum output_format *format, struct err *err)
{
	const char *filter = cli_option(cli, "filter");

	if (listing_read_format(cli, has_names, format, err))
		return err->code;
	/* Nobody sees what a fuzzy word finds while a script is written. */
	return filter ? filter_parse(&cli->filter, filter, table, false, NULL, err) : 0;
}

bool listing_passes(const struct cli *cli, const void *item)
{
	struct present_env env;

	if (!cli->filter)
		return true;
	env = (struct present_env){.now_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
	return filter_match(cli->filter, item, NULL, &env);
}
