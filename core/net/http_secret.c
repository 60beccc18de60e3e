/*
 * First the files, all in one turn of the pool, as a value that holds copies: it may outlive the
 * access. Then the programs, at once. The first thing that is wrong ends it, with the place in
 * config.yaml and what to do. Nothing that was read is ever part of an error; of what a program
 * wrote to stderr the first line is, redacted.
 */
#include "core/net/http_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/command_log.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/proc.h"
#include "core/loop/work.h"

#define PEM_BYTES ((size_t)4 << 20)
#define SECRET_BYTES ((size_t)64 << 10)
#define COMMAND_TIMEOUT_MS 30000

enum part { CA, CERT, KEY, PASSPHRASE_FILE, LOGIN_FILE, PART_MAX };

/* One file to be read. */
struct piece {
	char *path, *place; /* path NULL = not wanted */
	bool is_secret;     /* nothing but: for nobody but its owner */
	mode_t mode;        /* once it is read */
	struct buf bytes;
};

/* On the pool. */
struct reading {
	struct http_fetch *fetch; /* NULL = canceled */
	struct piece pieces[PART_MAX];
	bool has_passphrase;
	struct err err;
};

/* A program under way. */
struct asked {
	struct http_fetch *fetch;
	const struct secret_config *from;
	char **into;
	struct proc *proc;
	uint64_t log_number;
};

struct http_fetch {
	struct http_fetch_options options;
	http_fetch_fn done;
	void *data;
	struct reading *reading;
	struct asked asked[2];
	int left;
	struct http_secrets secrets;
	struct err err;
};

void http_secrets_init(struct http_secrets *secrets)
{
	memset(secrets, 0, sizeof(*secrets));
	buf_init(&secrets->ca, 0);
	buf_init(&secrets->cert, 0);
	buf_init(&secrets->key, 0);
}

static void text_wipe(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

void http_secrets_release(struct http_secrets *secrets)
{
	buf_wipe(&secrets->ca);
	buf_wipe(&secrets->cert);
	buf_wipe(&secrets->key);
	text_wipe(secrets->passphrase);
	text_wipe(secrets->login);
	http_secrets_init(secrets);
}

/* ---- files ---- */

/* Never grows: no copy of it stays behind in memory. */
static int read_all(
	int fd, const struct piece *piece, struct buf *out, size_t size, struct err *err)
{
	char *bytes = xmalloc(size + 1);
	size_t len = 0;
	ssize_t n = 0;

	while (len < size && (n = read(fd, bytes + len, size - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		err_set(err, E_CONFIG, "%s: %s: %s", piece->place, piece->path, strerror(errno));
	else
		buf_add(out, bytes, len);
	mem_wipe(bytes, size + 1);
	free(bytes);
	return n < 0 ? E_CONFIG : 0;
}

static int check_mode(const struct piece *piece, mode_t mode, struct err *err)
{
	if (!(mode & (S_IRWXG | S_IRWXO)))
		return 0;
	return err_set(err, E_CONFIG,
		_("%s: %s has mode %04o, so that others may read a secret: chmod 600 %s"),
		piece->place, piece->path, (unsigned)(mode & 07777), piece->path);
}

static int read_piece(struct piece *piece, size_t most, struct err *err)
{
	/* Opening a pipe must not wait for somebody. */
	int fd = open(piece->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st = {.st_mode = 0};
	int rc = 0;

	if (fd < 0 || fstat(fd, &st))
		rc = err_set(
			err, E_CONFIG, "%s: %s: %s", piece->place, piece->path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, E_CONFIG, _("%s: %s is not a file"), piece->place, piece->path);
	else if (piece->is_secret && (rc = check_mode(piece, st.st_mode, err)))
		;
	else if ((size_t)st.st_size > most)
		rc = err_set(err, E_CONFIG, _("%s: %s is too large (over %zu bytes)"), piece->place,
			piece->path, most);
	else
		rc = read_all(fd, piece, &piece->bytes, (size_t)st.st_size, err);
	piece->mode = st.st_mode;
	if (fd >= 0)
		close(fd);
	return rc;
}

static bool holds(const struct buf *bytes, const char *text)
{
	return bytes->len && memmem(bytes->data, bytes->len, text, strlen(text));
}

/* OpenSSL would say it in words that help nobody, or ask on the terminal. */
static int check_pem(const struct reading *reading, struct err *err)
{
	const struct piece *pieces = reading->pieces;

	if (pieces[CA].path && !holds(&pieces[CA].bytes, "-----BEGIN CERTIFICATE") &&
		!holds(&pieces[CA].bytes, "-----BEGIN TRUSTED CERTIFICATE"))
		return err_set(err, E_CONFIG,
			_("%s: %s holds no certificate in PEM form (\"BEGIN CERTIFICATE\")"),
			pieces[CA].place, pieces[CA].path);
	if (!pieces[CERT].path)
		return 0;
	if (!holds(&pieces[CERT].bytes, "-----BEGIN CERTIFICATE"))
		return err_set(err, E_CONFIG,
			_("%s: %s holds no certificate in PEM form (\"BEGIN CERTIFICATE\"); of a "
			  ".p12: openssl pkcs12 -in FILE -out me.pem"),
			pieces[CERT].place, pieces[CERT].path);
	if (!holds(&pieces[KEY].bytes, "PRIVATE KEY-----"))
		return err_set(err, E_CONFIG,
			_("%s: %s holds no private key in PEM form (\"BEGIN PRIVATE KEY\"): name "
			  "its file by key:"),
			pieces[KEY].place, pieces[KEY].path);
	if (!reading->has_passphrase &&
		(holds(&pieces[KEY].bytes, "ENCRYPTED PRIVATE KEY") ||
			holds(&pieces[KEY].bytes, "Proc-Type: 4,ENCRYPTED")))
		return err_set(err, E_CONFIG,
			_("%s: the key %s has a passphrase: name where it comes from by "
			  "passphrase-command, passphrase-env or passphrase-file"),
			pieces[KEY].place, pieces[KEY].path);
	return check_mode(&pieces[KEY], pieces[KEY].mode, err);
}

static void read_files(void *data)
{
	struct reading *reading = data;

	for (size_t i = 0; i < PART_MAX && !reading->err.code; i++)
		if (reading->pieces[i].path)
			read_piece(&reading->pieces[i],
				i >= PASSPHRASE_FILE ? SECRET_BYTES : PEM_BYTES, &reading->err);
	if (!reading->err.code)
		check_pem(reading, &reading->err);
}

static void reading_free(struct reading *reading)
{
	for (size_t i = 0; i < PART_MAX; i++) {
		free(reading->pieces[i].path);
		free(reading->pieces[i].place);
		buf_wipe(&reading->pieces[i].bytes);
	}
	free(reading);
}

/* ---- secrets ---- */

/* The first line; what is in it goes into a header. */
static int take_line(const char *text, size_t len, const char *place, const char *what, char **out,
	struct err *err)
{
	size_t end = 0;

	while (end < len && text[end] != '\n' && text[end] != '\r')
		end++;
	if (!end)
		return err_set(err, E_CONFIG, _("%s: %s: no secret came: its first line is empty"),
			place, what);
	for (size_t i = 0; i < end; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return err_set(err, E_CONFIG,
				_("%s: %s: the secret has a control character in it"), place, what);
	text_wipe(*out);
	*out = xstrndup(text, end);
	return 0;
}

static void finish(struct http_fetch *fetch)
{
	fetch->done(fetch->data, &fetch->secrets, fetch->err.code ? &fetch->err : NULL);
	http_secrets_release(&fetch->secrets);
	free(fetch);
}

static void one_ended(struct http_fetch *fetch)
{
	if (--fetch->left == 0)
		finish(fetch);
}

/* "config.yaml:3:4: `pass show flink` " + why. */
static void command_failed(struct asked *asked, const char *why)
{
	struct http_fetch *fetch = asked->fetch;
	struct buf words;
	const json_t *word;
	char *shown;
	size_t i;

	if (fetch->err.code)
		return;
	buf_init(&words, 0);
	json_array_foreach (asked->from->command, i, word)
		buf_addf(&words, "%s%s", i ? " " : "", json_string_value(word));
	shown = redact_dup(buf_str(&words));
	err_set(&fetch->err, E_CONFIG, "%s: `%s` %s", asked->from->place, shown, why);
	free(shown);
	buf_release(&words);
}

static void on_printed(void *data, const struct proc_result *result, const struct err *err)
{
	struct asked *asked = data;
	struct http_fetch *fetch = asked->fetch;
	char *why = NULL, *said = NULL;

	asked->proc = NULL;
	command_log_end(fetch->options.log, asked->log_number,
		&(struct command_end){.status = err ? -1 : result->exit_status, .bytes = -1}, err);
	if (err && err->code == E_TIMEOUT) {
		why = xasprintf(_("did not end within %d s: it can ask nobody here, since it has "
				  "no terminal"),
			COMMAND_TIMEOUT_MS / 1000);
	} else if (err) {
		why = xasprintf(_("cannot be run: %s"), err->text);
	} else if (result->exit_status) {
		said = xstrndup(buf_str(result->err), strcspn(buf_str(result->err), "\r\n"));
		char *clean = redact_dup(said);
		why = xasprintf(_("ended with %d%s%.200s: run it by hand to see why"),
			result->exit_status, *clean ? ": " : "", clean);
		free(clean);
	} else {
		struct err bad = {0};

		if (take_line(buf_str(result->out), result->out->len, "", "", asked->into, &bad))
			why = xstrdup(_("printed nothing that could be a secret (its first line "
					"counts)"));
	}
	if (why)
		command_failed(asked, why);
	if (result->out->len)
		mem_wipe(result->out->data, result->out->len);
	free(why);
	free(said);
	one_ended(fetch);
}

static void run_command(struct http_fetch *fetch, struct asked *asked,
	const struct secret_config *from, char **into)
{
	size_t count = json_array_size(from->command);
	const char **argv = xcalloc(count + 1, sizeof(*argv));
	struct buf words;

	buf_init(&words, 0);
	for (size_t i = 0; i < count; i++) {
		argv[i] = json_string_value(json_array_get(from->command, i));
		buf_addf(&words, "%s%s", i ? " " : "", argv[i]);
	}
	asked->fetch = fetch;
	asked->from = from;
	asked->into = into;
	asked->log_number = command_log_begin(
		fetch->options.log, COMMAND_PROGRAM, fetch->options.name, buf_str(&words));
	fetch->left++;
	asked->proc = proc_start(fetch->options.loop,
		&(struct proc_options){
			.argv = argv, .cap_bytes = SECRET_BYTES, .timeout_ms = COMMAND_TIMEOUT_MS},
		on_printed, asked);
	buf_release(&words);
	free(argv);
}

static void take_secret(struct http_fetch *fetch, const struct secret_config *from, enum part part,
	struct asked *asked, char **into)
{
	const struct piece *piece = &fetch->reading->pieces[part];
	const char *value;

	if (fetch->err.code || !from || !from->place)
		return;
	if (from->command) {
		run_command(fetch, asked, from, into);
	} else if (from->env) {
		value = getenv(from->env);
		if (!value)
			err_set(&fetch->err, E_CONFIG,
				_("%s: the environment has no %s: export it before weir starts"),
				from->place, from->env);
		else
			take_line(value, strlen(value), from->place, from->env, into, &fetch->err);
	} else {
		take_line(buf_str(&piece->bytes), piece->bytes.len, from->place, from->file, into,
			&fetch->err);
	}
}

static void on_read(void *data)
{
	struct reading *reading = data;
	struct http_fetch *fetch = reading->fetch;

	if (!fetch) {
		reading_free(reading);
		return;
	}
	fetch->err = reading->err;
	if (!fetch->err.code) {
		struct buf *outs[] = {
			&fetch->secrets.ca, &fetch->secrets.cert, &fetch->secrets.key};

		for (size_t i = 0; i < ARRAY_SIZE(outs); i++) {
			struct buf was = *outs[i];
			*outs[i] = reading->pieces[i].bytes;
			reading->pieces[i].bytes = was;
		}
	}
	fetch->left = 1;
	if (!fetch->options.only_files) {
		take_secret(fetch, fetch->options.tls ? &fetch->options.tls->passphrase : NULL,
			PASSPHRASE_FILE, &fetch->asked[0], &fetch->secrets.passphrase);
		take_secret(fetch, fetch->options.auth ? &fetch->options.auth->secret : NULL,
			LOGIN_FILE, &fetch->asked[1], &fetch->secrets.login);
	}
	fetch->reading = NULL;
	reading_free(reading);
	one_ended(fetch);
}

static void want(struct reading *reading, enum part part, const char *path, const char *place,
	bool is_secret)
{
	struct piece *piece = &reading->pieces[part];

	piece->path = xstrdup_null(path);
	piece->place = xstrdup_null(place);
	piece->is_secret = is_secret;
}

struct http_fetch *http_fetch_start(
	const struct http_fetch_options *options, http_fetch_fn done, void *data)
{
	struct http_fetch *fetch = xcalloc(1, sizeof(*fetch));
	struct reading *reading = xcalloc(1, sizeof(*reading));
	const struct tls_config *tls = options->tls;

	fetch->options = *options;
	fetch->done = done;
	fetch->data = data;
	fetch->reading = reading;
	http_secrets_init(&fetch->secrets);
	reading->fetch = fetch;
	for (size_t i = 0; i < PART_MAX; i++)
		buf_init(&reading->pieces[i].bytes, 0);
	if (tls) {
		want(reading, CA, tls->ca, tls->ca_place, false);
		want(reading, CERT, tls->cert, tls->cert_place, false);
		want(reading, KEY, tls->key, tls->key_place, false);
		reading->has_passphrase = tls->passphrase.place != NULL;
	}
	if (tls && !options->only_files)
		want(reading, PASSPHRASE_FILE, tls->passphrase.file, tls->passphrase.place, true);
	if (options->auth && !options->only_files)
		want(reading, LOGIN_FILE, options->auth->secret.file, options->auth->secret.place,
			true);
	work_start(options->loop, read_files, on_read, reading);
	return fetch;
}

void http_fetch_cancel(struct http_fetch *fetch)
{
	if (!fetch)
		return;
	if (fetch->reading)
		fetch->reading->fetch = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(fetch->asked); i++)
		proc_cancel(fetch->asked[i].proc);
	http_secrets_release(&fetch->secrets);
	free(fetch);
}
