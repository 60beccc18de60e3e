/*
 * known_hosts, line by line: libssh2 compares keys and knows hashed names, but gives up at the
 * first marker and knows no patterns. So patterns are matched here and added under the host's own
 * name; "@revoked" goes to a list of its own, whatever hosts it names (too strict rather than too
 * lax); "@cert-authority" cannot be honoured by libssh2, and is said.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh_thread.h"

#define FILE_CAP_BYTES ((size_t)16 << 20)
#define SYSTEM_FILE "/etc/ssh/ssh_known_hosts"
#define REVOKED "revoked"
#define PLAIN_RAW (LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW)

struct known {
	LIBSSH2_KNOWNHOSTS *hosts, *revoked;
	bool has_authority;
};

/* In the order that is offered when nothing is known. */
static const struct {
	const char *name;
	int mask;
} types[] = {
	{"ssh-ed25519", LIBSSH2_KNOWNHOST_KEY_ED25519},
	{"ecdsa-sha2-nistp256", LIBSSH2_KNOWNHOST_KEY_ECDSA_256},
	{"ecdsa-sha2-nistp384", LIBSSH2_KNOWNHOST_KEY_ECDSA_384},
	{"ecdsa-sha2-nistp521", LIBSSH2_KNOWNHOST_KEY_ECDSA_521},
	{"ssh-rsa", LIBSSH2_KNOWNHOST_KEY_SSHRSA},
};

/* The host as known_hosts writes it. malloc'd. */
static char *lookup_name(const struct ssh_worker *w)
{
	if (w->host_key_alias)
		return xstrdup(w->host_key_alias);
	return w->port == 22 ? xstrdup(w->address) : xasprintf("[%s]:%d", w->address, w->port);
}

static bool glob(const char *pattern, size_t len, const char *text)
{
	for (; len; pattern++, len--) {
		if (*pattern == '*') {
			for (;; text++) {
				if (glob(pattern + 1, len - 1, text))
					return true;
				if (!*text)
					return false;
			}
		}
		if (!*text ||
			(*pattern != '?' &&
				tolower((unsigned char)*pattern) != tolower((unsigned char)*text)))
			return false;
		text++;
	}
	return !*text;
}

static bool names_match(const char *names, size_t len, const char *host)
{
	bool found = false;

	while (len) {
		const char *comma = memchr(names, ',', len);
		size_t one = comma ? (size_t)(comma - names) : len;

		if (*names == '!' && glob(names + 1, one - 1, host))
			return false;
		found = found || glob(names, one, host);
		names += comma ? one + 1 : one;
		len -= comma ? one + 1 : one;
	}
	return found;
}

static void add_line(LIBSSH2_KNOWNHOSTS *list, const char *name, const char *key)
{
	char *line = xasprintf("%s %s", name, key);

	libssh2_knownhost_readline(list, line, strlen(line), LIBSSH2_KNOWNHOST_FILE_OPENSSH);
	free(line);
}

static void read_line(struct known *known, const char *host, char *line)
{
	char *names, *marker = NULL;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return;
	if (*line == '@') {
		marker = strsep(&line, " \t");
		line = line ? line + strspn(line, " \t") : NULL;
	}
	names = strsep(&line, " \t");
	if (!names || !line)
		return;
	line += strspn(line, " \t");
	if (str_eq(marker, "@revoked")) {
		add_line(known->revoked, REVOKED, line);
	} else if (str_eq(marker, "@cert-authority")) {
		known->has_authority |= names_match(names, strlen(names), host);
	} else if (marker) {
		return;
	} else if (*names == '|') {
		add_line(known->hosts, names, line);
	} else if (names_match(names, strlen(names), host)) {
		add_line(known->hosts, host, line);
	}
}

static void read_one(struct known *known, const char *host, const char *path)
{
	struct buf text;

	buf_init(&text, FILE_CAP_BYTES);
	if (!file_read(path, &text, NULL)) {
		char *copy = buf_detach(&text), *rest = copy;
		for (char *line; (line = strsep(&rest, "\r\n"));)
			read_line(known, host, line);
		free(copy);
	}
	buf_release(&text);
}

static int known_open(struct ssh_worker *w, struct known *known, const char *host, struct err *err)
{
	*known = (struct known){0};
	known->hosts = libssh2_knownhost_init(w->session);
	known->revoked = libssh2_knownhost_init(w->session);
	if (!known->hosts || !known->revoked)
		return err_set(err, E_INTERNAL, _("out of memory"));
	char *more = xstrdup(w->more_known_hosts ? w->more_known_hosts : ""), *rest = more;
	read_one(known, host, w->known_hosts);
	for (char *path; (path = strsep(&rest, " "));)
		if (*path)
			read_one(known, host, path);
	free(more);
	read_one(known, host, SYSTEM_FILE);
	return 0;
}

static void known_release(struct known *known)
{
	if (known->hosts)
		libssh2_knownhost_free(known->hosts);
	if (known->revoked)
		libssh2_knownhost_free(known->revoked);
}

/* Is there a key of this type for the host? Asked with a key that is none. */
static bool has_type(const struct known *known, const char *host, int mask)
{
	return libssh2_knownhost_check(known->hosts, host, "x", 1, PLAIN_RAW | mask, NULL) ==
		LIBSSH2_KNOWNHOST_CHECK_MISMATCH;
}

int hostkey_prefer(struct ssh_worker *w, struct err *err)
{
	struct known known;
	char *host = lookup_name(w);
	struct buf list;
	int rc = known_open(w, &known, host, err);

	buf_init(&list, 0);
	for (int want = 1; !rc && want >= 0; want--)
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			if (has_type(&known, host, types[i].mask) == (want == 1))
				buf_addf(&list, "%s%s", list.len ? "," : "", types[i].name);
	if (!rc && libssh2_session_method_pref(w->session, LIBSSH2_METHOD_HOSTKEY, buf_str(&list)))
		rc = link_err(w, err, E_INTERNAL, _("host key algorithms"));
	known_release(&known);
	buf_release(&list);
	free(host);
	return rc;
}

/* ---- after the handshake ---- */

/* "SHA256:…", as ssh shows it. malloc'd. */
static char *fingerprint(struct ssh_worker *w)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *hash =
		(const void *)libssh2_hostkey_hash(w->session, LIBSSH2_HOSTKEY_HASH_SHA256);
	struct buf out;

	buf_init(&out, 0);
	buf_adds(&out, "SHA256:");
	for (size_t i = 0; hash && i < 32; i += 3) {
		size_t have = 32 - i < 3 ? 32 - i : 3;
		unsigned v = (unsigned)hash[i] << 16 | (have > 1 ? (unsigned)hash[i + 1] << 8 : 0) |
			(have > 2 ? hash[i + 2] : 0);
		for (size_t k = 0; k <= have; k++)
			buf_addc(&out, letters[v >> (18 - 6 * k) & 63]);
	}
	return buf_detach(&out);
}

static int remember(struct ssh_worker *w, const struct known *known, const char *host,
	const char *key, size_t len, int mask, struct err *err)
{
	struct libssh2_knownhost *entry = NULL;
	char line[8192];
	size_t line_len = 0;
	int fd, rc = 0;
	char *slash = strrchr(w->known_hosts, '/');

	if (libssh2_knownhost_addc(
		    known->hosts, host, NULL, key, len, NULL, 0, PLAIN_RAW | mask, &entry) ||
		libssh2_knownhost_writeline(known->hosts, entry, line, sizeof(line) - 1, &line_len,
			LIBSSH2_KNOWNHOST_FILE_OPENSSH))
		return link_err(w, err, E_INTERNAL, _("cannot write the host key"));
	if (slash && slash > w->known_hosts) {
		char *folder = xstrndup(w->known_hosts, (size_t)(slash - w->known_hosts));
		file_mkdirs(folder, NULL);
		free(folder);
	}
	fd = open(w->known_hosts, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		char last = '\n';
		off_t size = lseek(fd, 0, SEEK_END);
		/* A last line without its end would swallow ours. */
		if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n') {
			memmove(line + 1, line, line_len);
			line[0] = '\n';
			line_len++;
		}
	}
	if (fd < 0 || write(fd, line, line_len) != (ssize_t)line_len)
		rc = err_errno(
			err, E_INTERNAL, _("cannot write the host key to %s"), w->known_hosts);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int unknown_key(struct ssh_worker *w, const struct known *known, const char *host,
	const char *key, size_t len, size_t type, struct err *err)
{
	char *print = fingerprint(w), *question, *answer;
	bool has_other = false;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		has_other |= has_type(known, host, types[i].mask);
	question = xasprintf(
		_("The key of %s is not known.\n%s %s\n%sIs it the right one (yes/no)?"), host,
		types[type].name, print,
		has_other
			? _("Another type of key is known for this host: ask its administrator.\n")
			: "");
	answer = worker_ask(w, SSH_PROMPT_HOST_KEY, question, true);
	if (str_eq(answer, "yes"))
		rc = remember(w, known, host, key, len, types[type].mask, err);
	else if (known->has_authority)
		rc = err_set(err, E_AUTH,
			_("the key of %s (%s) is not known itself, and libssh2 cannot check "
			  "@cert-authority: wait for transport: openssh, or add the key"),
			host, print);
	else
		rc = err_set(err, E_AUTH,
			_("the key of %s is not known (%s %s): connect once on a terminal, or add "
			  "it "
			  "with ssh-keyscan to %s after you have compared it"),
			host, types[type].name, print, w->known_hosts);
	free(answer);
	free(question);
	free(print);
	return rc;
}

int hostkey_check(struct ssh_worker *w, struct err *err)
{
	struct known known;
	char *host = lookup_name(w), *print = NULL;
	size_t len = 0, type = ARRAY_SIZE(types);
	int kind = 0, rc = known_open(w, &known, host, err), mask, check;
	const char *key = libssh2_session_hostkey(w->session, &len, &kind);

	mask = (kind + 1) << LIBSSH2_KNOWNHOST_KEY_SHIFT;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].mask == mask)
			type = i;
	if (!rc && (!key || type == ARRAY_SIZE(types)))
		rc = err_set(err, E_PROTO, _("%s has no key of a known type"), host);
	if (rc)
		goto out;
	print = fingerprint(w);
	snprintf(w->met.key_type, sizeof(w->met.key_type), "%s", types[type].name);
	snprintf(w->met.key_print, sizeof(w->met.key_print), "%s", print);
	if (libssh2_knownhost_check(known.revoked, REVOKED, key, len, PLAIN_RAW | mask, NULL) ==
		LIBSSH2_KNOWNHOST_CHECK_MATCH) {
		rc = err_set(err, E_AUTH, _("the key of %s (%s) is revoked in known_hosts"), host,
			print);
		w->met.key_is_wrong = true;
		goto out;
	}
	check = libssh2_knownhost_check(known.hosts, host, key, len, PLAIN_RAW | mask, NULL);
	if (check == LIBSSH2_KNOWNHOST_CHECK_MISMATCH) {
		rc = err_set(err, E_AUTH,
			_("the key of %s has changed (now %s %s): somebody may be listening in; if "
			  "the change is known to be right, remove the old one with ssh-keygen -R "
			  "'%s' -f %s"),
			host, types[type].name, print, host, w->known_hosts);
		w->met.key_is_wrong = true;
	} else if (check != LIBSSH2_KNOWNHOST_CHECK_MATCH) {
		rc = unknown_key(w, &known, host, key, len, type, err);
	}
	w->met.key_is_known = !rc;
out:
	free(print);
	known_release(&known);
	free(host);
	return rc;
}
