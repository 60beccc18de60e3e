/* Words → command and options, by getopt_long over the one command table. */
#include "core/cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/listing.h"
#include "core/cli/verbs.h"

#define OPTIONS_MAX 32
/* getopt_long's `val`: globals from here on, then those of the command. */
#define GLOBAL_BASE 256
#define COMMAND_BASE 512

struct option_set {
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 3];
};

static void add_options(
	struct option_set *set, const struct command_option *options, size_t count, int base)
{
	size_t n = 0;
	while (set->longs[n].name)
		n++;
	for (size_t i = 0; i < count; i++, n++) {
		if (n == OPTIONS_MAX)
			abort();
		set->longs[n] = (struct option){options[i].name,
			options[i].arg ? required_argument : no_argument, NULL, base + (int)i};
		if (options[i].letter) {
			size_t len = strlen(set->shorts);
			set->shorts[len] = options[i].letter;
			if (options[i].arg)
				set->shorts[len + 1] = ':';
		}
	}
}

/* A short letter → the `val` of its long form. */
static int val_of(const struct cli *cli, int c)
{
	for (size_t i = 0; i < global_option_count; i++)
		if (global_options[i].letter == c)
			return GLOBAL_BASE + (int)i;
	for (size_t i = 0; cli->command && i < cli->command->option_count; i++)
		if (cli->command->options[i].letter == c)
			return COMMAND_BASE + (int)i;
	return c;
}

int cli_fail(const struct err *err)
{
	fprintf(stderr, "weir: %s\n", err->text);
	return err_exit_code(err->code);
}

static int usage_error(const struct cli *cli, const char *text)
{
	fprintf(stderr, "weir: %s\n", text);
	fprintf(stderr, cli->command ? _("Try 'weir help %s'.\n") : _("Try 'weir help'.\n"),
		cli->command ? cli->command->name : "");
	return err_exit_code(E_ARG);
}

static int bad_option(const struct cli *cli, const char *word, bool misses_argument)
{
	const char *names[OPTIONS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < global_option_count; i++)
		names[count++] = global_options[i].name;
	for (size_t i = 0; cli->command && i < cli->command->option_count; i++)
		names[count++] = cli->command->options[i].name;
	const char *near = str_starts(word, "--") ? str_suggest(word + 2, names, count) : NULL;
	struct err err;
	if (misses_argument)
		err_set(&err, E_ARG, _("option %s needs a value"), word);
	else if (near)
		err_set(&err, E_ARG, _("unknown option %s; did you mean --%s?"), word, near);
	else
		err_set(&err, E_ARG, _("unknown option %s"), word);
	return usage_error(cli, err.text);
}

/* What was printed and not yet written may still fail: a full disk is no success. */
static int flushed(int code)
{
	struct err err;
	if (fflush(stdout) == 0 || errno == EPIPE || code != 0)
		return code;
	err_errno(&err, E_INTERNAL, _("write to the standard output"));
	return cli_fail(&err);
}

static int set_global(struct cli *cli, const char *name, const char *value)
{
	if (str_eq(name, "config")) {
		cli->session.config_path = value;
	} else if (str_eq(name, "context")) {
		cli->session.contexts = value;
	} else if (str_eq(name, "store")) {
		cli->session.store_dir = value;
	} else if (str_eq(name, "rest")) {
		size_t count = cli->session.rest_count;
		const char **urls =
			xrealloc((void *)cli->session.rest, (count + 1) * sizeof(*urls));
		urls[count] = value;
		cli->session.rest = urls;
		cli->session.rest_count = count + 1;
	} else if (str_eq(name, "timeout")) {
		double seconds;
		if (!str_to_double(value, &seconds) || !(seconds > 0) || seconds > 86400)
			return usage_error(cli,
				_("--timeout takes a number of seconds above 0, at most 86400"));
		cli->session.timeout_ms =
			(int64_t)(seconds * 1000) > 0 ? (int64_t)(seconds * 1000) : 1;
	} else if (str_eq(name, "lang")) {
		struct err err;
		if (i18n_open(value, &err))
			return usage_error(cli, err.text);
	} else if (str_eq(name, "no-color")) {
		cli->no_color = true;
	} else if (str_eq(name, "no-session")) {
		cli->no_session = true;
	} else if (str_eq(name, "verbose")) {
		cli->verbose = true;
	} else if (str_eq(name, "help")) {
		return flushed(verb_help(cli));
	} else {
		return flushed(verb_version());
	}
	return -1;
}

static int add_set(struct cli *cli, const char *word)
{
	if (cli->set_count == ARRAY_SIZE(cli->sets))
		return usage_error(cli, _("too many --set"));
	cli->sets[cli->set_count++] = word;
	return 0;
}

/* Reads options up to the first word (stop_at_word) or to the end; -1 = go on. */
static int read_options(struct cli *cli, int argc, char **argv, bool stop_at_word)
{
	struct option_set set = {.shorts = {0}};
	set.shorts[0] = stop_at_word ? '+' : ':';
	if (stop_at_word)
		set.shorts[1] = ':';
	add_options(&set, global_options, global_option_count, GLOBAL_BASE);
	if (cli->command)
		add_options(&set, cli->command->options, cli->command->option_count, COMMAND_BASE);
	opterr = 0;
	int c;
	while ((c = getopt_long(argc, argv, set.shorts, set.longs, NULL)) != -1) {
		if (c == '?' || c == ':') {
			char letter[3] = {'-', (char)optopt, 0};
			bool is_long = optind > 0 && str_starts(argv[optind - 1], "--");
			return bad_option(cli,
				optopt && optopt < GLOBAL_BASE && !is_long ? letter
									   : argv[optind - 1],
				c == ':');
		}
		int val = val_of(cli, c);
		if (val >= COMMAND_BASE) {
			cli->values[val - COMMAND_BASE] = optarg ? optarg : "";
			if (str_eq(cli->command->options[val - COMMAND_BASE].name, "set") &&
				add_set(cli, optarg))
				return err_exit_code(E_ARG);
			continue;
		}
		int code = set_global(cli, global_options[val - GLOBAL_BASE].name, optarg);
		if (code >= 0)
			return code;
	}
	return -1;
}

/* What programs read is in English, whatever a person here reads: the same words from every host. */
static void speak_to_programs(const struct cli *cli)
{
	static const char *const formats[] = {"json", "yaml", "csv", "name"};
	for (size_t i = 0; i < cli->command->option_count; i++)
		for (size_t f = 0; f < ARRAY_SIZE(formats); f++)
			if (str_eq(cli->command->options[i].name, "output") &&
				str_eq(cli->values[i], formats[f]))
				i18n_open("en", NULL);
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
	memset(cli, 0, sizeof(*cli));
	optind = 0;
	int code = read_options(cli, argc, argv, true);
	if (code >= 0 || optind >= argc)
		return code;

	const char *word = argv[optind];
	cli->command = command_find(word, ON_CLI);
	if (!cli->command) {
		const char *near = command_suggest(word, ON_CLI);
		struct err err;
		err_set(&err, E_ARG,
			near ? _("unknown command '%s'; did you mean '%s'?")
			     : _("unknown command '%s'"),
			word, near ? near : "");
		return usage_error(cli, err.text);
	}
	argc -= optind;
	argv += optind;
	optind = 0;
	code = read_options(cli, argc, argv, false);
	cli->args = (const char *const *)argv + optind;
	cli->arg_count = code < 0 ? (size_t)(argc - optind) : 0;
	speak_to_programs(cli);
	return code;
}

void cli_release(struct cli *cli)
{
	listing_free(cli->listing);
	cli->listing = NULL;
	free((void *)cli->session.rest);
	cli->session.rest = NULL;
}

const char *cli_option(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->command->option_count; i++)
		if (str_eq(cli->command->options[i].name, name))
			return cli->values[i];
	abort(); /* not an option of this command: our own mistake */
}

static int run(struct cli *cli)
{
	switch (cli->command->id) {
	case CMD_GET: return verb_get(cli);
	case CMD_DOCTOR: return verb_doctor(cli);
	case CMD_DESCRIBE: return verb_describe(cli);
	case CMD_SETTLE: return verb_settle(cli);
	case CMD_ABORT: return verb_abort(cli);
	case CMD_LOGS: return verb_logs(cli);
	case CMD_DIFF: return verb_diff(cli);
	case CMD_NEW:
	case CMD_COPY:
	case CMD_EDIT:
	case CMD_DELETE: return verb_file(cli);
	case CMD_SAVEPOINT:
	case CMD_STOP:
	case CMD_CANCEL:
	case CMD_CHECKPOINT:
	case CMD_BUILD:
	case CMD_RELEASE:
	case CMD_ROLLBACK:
	case CMD_ADOPT:
	case CMD_START:
	case CMD_RESTART:
	case CMD_SHIP: return verb_action(cli);
	case CMD_WATCH: return verb_watch(cli);
	case CMD_OPEN_UI: return verb_open(cli);
	case CMD_CONFIG: return verb_config(cli);
	case CMD_STORE: return verb_store(cli);
	case CMD_COMPLETION: return verb_completion(cli);
	case CMD_VERSION:
		if (cli->arg_count)
			return usage_error(cli, _("version takes no words"));
		return verb_version();
	default: return verb_help(cli);
	}
}

int cli_run(struct cli *cli)
{
	if (cli->verbose)
		log_open(NULL, LOG_DEBUG, NULL);
	/* What is printed, and the programs that print for us, hear it by one way. */
	if (cli->no_color)
		setenv("NO_COLOR", "1", 1);
	return flushed(run(cli));
}
