/*
 * Who we are: the ways that the host names, in its order, each as long as the server offers it.
 * What a server with two factors still wants is asked anew after each way, so that [agent, otp] is
 * a key and then a code. What did not work is collected: the error says all of it.
 *
 * libssh2 1.10 signs with an RSA key by SHA-1 only, which servers refuse: the error names the cure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/net/ssh_thread.h"

#define TRIES 3          /* of what a person types */
#define AGENT_KEYS_MAX 5 /* sshd ends the connection after six refusals */

struct auth {
	struct ssh_worker *w;
	int64_t mono_deadline_ms;
	char *former;   /* libssh2's, of the last list */
	char with[160]; /* the key file that was tried last */
	char *offered;  /* "publickey,password": what the server still takes */
	bool is_in;
	struct buf tried; /* "agent: no key was accepted; …" */
	struct err fatal; /* the link broke, or we are to end */
};

static void tried(struct auth *a, const char *what, const char *why)
{
	buf_addf(&a->tried, "%s%s: %s", a->tried.len ? "; " : "", what, why);
}

static bool offers(const struct auth *a, const char *method)
{
	size_t len = strlen(method);

	for (const char *at = a->offered; at && *at;) {
		size_t one = strcspn(at, ",");
		if (one == len && !memcmp(at, method, len))
			return true;
		at += one + (at[one] == ',');
	}
	return false;
}

/* One more turn of a call that said EAGAIN; false when it must not go on. */
static bool again(struct auth *a)
{
	return !worker_wait(a->w, POLLIN, a->mono_deadline_ms, &a->fatal);
}

/* What libssh2's answer means; the reason is for `tried`. True = go on with the next way. */
static bool judge(struct auth *a, int rc)
{
	if (!rc && libssh2_userauth_authenticated(a->w->session))
		a->is_in = true;
	if (a->w->is_dead && !a->fatal.code)
		link_err(a->w, &a->fatal, E_NET, _("the link broke while logging in"));
	return !a->is_in && !a->fatal.code;
}

static void ask_offered(struct auth *a)
{
	struct ssh_worker *w = a->w;
	char *list;

	free(a->offered);
	a->offered = NULL;
	/* Before 1.11 a second list overwrites the first one, which nobody frees. */
	if (a->former && !libssh2_version(0x010b00))
		libssh2_free(w->session, a->former);
	a->former = NULL;
	while (!(list = libssh2_userauth_list(w->session, w->user, (unsigned)strlen(w->user)))) {
		if (libssh2_userauth_authenticated(w->session)) {
			a->is_in = true;
			return;
		}
		if (libssh2_session_last_errno(w->session) != LIBSSH2_ERROR_EAGAIN) {
			link_err(w, &a->fatal, E_NET, _("login"));
			return;
		}
		if (!again(a))
			return;
	}
	a->former = list;
	a->offered = xstrdup(list);
}

static void secret_free(char *secret)
{
	if (secret)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

/* ---- agent ---- */

static bool blob_is_rsa(const struct libssh2_agent_publickey *key)
{
	return key->blob_len > 11 && !memcmp(key->blob + 4, "ssh-rsa", 7);
}

/* IdentitiesOnly: does ssh's configuration name that key of the agent? */
static bool is_wanted(const struct ssh_worker *w, const struct libssh2_agent_publickey *key)
{
	if (!w->only_keys)
		return true;
	for (size_t i = 0; i < w->only_key_count; i++)
		if (key_is_of_file(w->only_keys[i], key->blob, key->blob_len))
			return true;
	return false;
}

static void try_agent(struct auth *a)
{
	struct ssh_worker *w = a->w;
	struct libssh2_agent_publickey *key = NULL, *previous = NULL;
	LIBSSH2_AGENT *agent;
	bool is_left_out = false;
	int rc, count = 0;

	if (str_eq(w->agent, "none")) {
		tried(a, _("agent"), _("IdentityAgent of ssh's configuration says: none"));
		return;
	}
	if (!w->agent && str_empty(getenv("SSH_AUTH_SOCK"))) {
		tried(a, _("agent"), _("none runs (SSH_AUTH_SOCK is not set)"));
		return;
	}
	agent = libssh2_agent_init(w->session);
	if (agent && w->agent)
		libssh2_agent_set_identity_path(agent, w->agent);
	if (!agent || libssh2_agent_connect(agent) || libssh2_agent_list_identities(agent)) {
		tried(a, _("agent"), _("it does not answer"));
		goto out;
	}
	while (count < AGENT_KEYS_MAX && libssh2_agent_get_identity(agent, &key, previous) == 0) {
		previous = key;
		/* Every refusal counts, and this one is certain on today's servers. */
		if (blob_is_rsa(key)) {
			w->saw_rsa = true;
			continue;
		}
		if (!is_wanted(w, key)) {
			is_left_out = true;
			continue;
		}
		count++;
		while ((rc = libssh2_agent_userauth(agent, w->user, key)) == LIBSSH2_ERROR_EAGAIN)
			if (!again(a))
				goto out;
		if (!judge(a, rc))
			goto out;
		ask_offered(a); /* this key may have been the first of two factors */
		if (a->is_in || a->fatal.code || !offers(a, "publickey"))
			goto out;
	}
	tried(a, _("agent"),
		count                 ? _("no key was accepted")
			: is_left_out ? _("it holds no key that ssh's configuration names "
					  "(IdentitiesOnly)")
			: w->saw_rsa  ? _("it holds RSA keys only")
				      : _("it holds no key"));
out:
	if (agent) {
		libssh2_agent_disconnect(agent);
		libssh2_agent_free(agent);
	}
}

/* ---- key files ---- */

static int key_call(struct auth *a, const char *path, const char *passphrase)
{
	struct ssh_worker *w = a->w;
	int rc;

	while ((rc = libssh2_userauth_publickey_fromfile_ex(w->session, w->user,
			(unsigned)strlen(w->user), NULL, path, passphrase)) == LIBSSH2_ERROR_EAGAIN)
		if (!again(a))
			break;
	return rc;
}

/* Was the file opened with this passphrase? If not, nothing was sent. */
static bool key_was_read(int rc)
{
	return rc == 0 || rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED ||
		rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED;
}

static void try_encrypted(struct auth *a, const char *path)
{
	struct ssh_worker *w = a->w;
	char *question = xasprintf(_("Passphrase of the key %s:"), path);
	int rc;

	for (int i = 0; i < TRIES; i++) {
		bool kept = w->passphrase != NULL;
		char *passphrase = kept ? xstrdup(w->passphrase)
					: worker_ask(w, SSH_PROMPT_PASSPHRASE, question, false);

		if (!passphrase) {
			tried(a, path, _("its passphrase is needed"));
			break;
		}
		rc = key_call(a, path, passphrase);
		if (key_was_read(rc) && !kept) {
			w->passphrase = passphrase;
			passphrase = NULL;
		}
		if (!key_was_read(rc)) {
			secret_free(w->passphrase);
			w->passphrase = NULL;
		}
		secret_free(passphrase);
		if (!judge(a, rc))
			break;
		if (key_was_read(rc)) {
			tried(a, path, _("not accepted"));
			break;
		}
		if (i + 1 == TRIES)
			tried(a, path, _("wrong passphrase"));
	}
	free(question);
}

static void try_key_file(struct auth *a, const char *path, bool is_named)
{
	struct key_info info;

	snprintf(a->with, sizeof(a->with), "%s", path);
	key_look(path, &info);
	if (info.kind == KEY_MISSING) {
		if (is_named)
			tried(a, path, _("cannot be read"));
		return;
	}
	if (info.kind == KEY_RSA) {
		a->w->saw_rsa = true;
		tried(a, path, _("an RSA key"));
		return;
	}
	if (info.is_encrypted) {
		try_encrypted(a, path);
		return;
	}
	int rc = key_call(a, path, NULL);
	if (judge(a, rc))
		tried(a, path,
			key_was_read(rc) ? _("not accepted") : _("cannot be used by libssh2"));
}

static void try_keys(struct auth *a)
{
	static const char *const usual[] = {
		"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"};
	size_t count;

	if (a->w->key) {
		try_key_file(a, a->w->key, true);
		return;
	}
	count = a->w->key_count ? a->w->key_count : ARRAY_SIZE(usual);
	for (size_t i = 0; i < count; i++) {
		char *path = file_expand(a->w->key_count ? a->w->keys[i] : usual[i], NULL);
		try_key_file(a, path, false);
		free(path);
		if (a->is_in || a->fatal.code)
			return;
		if (i + 1 < count) {
			ask_offered(a);
			if (a->is_in || a->fatal.code || !offers(a, "publickey"))
				return;
		}
	}
}

/* ---- what a person types ---- */

static char *ask_clean(struct ssh_worker *w, const struct buf *text, bool is_echoed)
{
	struct buf clean;
	char *answer;

	buf_init(&clean, 0);
	utf8_neutralise(&clean, buf_str(text), text->len);
	answer = worker_ask(w, SSH_PROMPT_INTERACTIVE, buf_str(&clean), is_echoed);
	buf_release(&clean);
	return answer;
}

/* libssh2 wants all answers before this returns. The session is not to be touched here. */
static void on_questions(const char *name, int name_len, const char *instruction,
	int instruction_len, int count, const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts,
	LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract)
{
	struct ssh_worker *w = *abstract;

	(void)name;
	(void)name_len;
	w->was_asked |= count > 0;
	for (int i = 0; i < count; i++) {
		struct buf text;
		char *answer = NULL;

		buf_init(&text, 4096);
		if (i == 0 && instruction_len > 0) {
			buf_add(&text, instruction, (size_t)instruction_len);
			buf_addc(&text, ' ');
		}
		buf_add(&text, prompts[i].text, prompts[i].length);
		if (!w->prompt_failed)
			answer = ask_clean(w, &text, prompts[i].echo != 0);
		buf_release(&text);
		/* libssh2 frees it. */
		responses[i].text = answer ? answer : xstrdup("");
		responses[i].length = (unsigned)strlen(responses[i].text);
	}
}

static void try_interactive(struct auth *a, const char *word)
{
	struct ssh_worker *w = a->w;

	for (int i = 0; i < TRIES; i++) {
		int rc;

		w->was_asked = false;
		while ((rc = libssh2_userauth_keyboard_interactive_ex(w->session, w->user,
				(unsigned)strlen(w->user), on_questions)) == LIBSSH2_ERROR_EAGAIN)
			if (!again(a))
				return;
		if (!judge(a, rc)) {
			if (i && !a->is_in) /* it hung up after so many */
				tried(a, word, _("the answers were wrong"));
			return;
		}
		if (w->prompt_failed) {
			tried(a, word, _("the server asks, and nobody answered"));
			return;
		}
		/* Not asked again what it offers: that counts as a try too. */
		if (!w->was_asked)
			return; /* this factor is done, and another wanted */
	}
	tried(a, word, _("the answers were wrong"));
}

static void try_password(struct auth *a)
{
	struct ssh_worker *w = a->w;
	char *question = xasprintf(_("Password of %s at %s:"), w->user, w->address);

	for (int i = 0; i < TRIES; i++) {
		bool kept = w->password != NULL;
		char *password = kept ? xstrdup(w->password)
				      : worker_ask(w, SSH_PROMPT_PASSWORD, question, false);
		int rc;

		if (!password) {
			tried(a, _("password"), _("it is asked for, and nobody answered"));
			break;
		}
		while ((rc = libssh2_userauth_password_ex(w->session, w->user,
				(unsigned)strlen(w->user), password, (unsigned)strlen(password),
				NULL)) == LIBSSH2_ERROR_EAGAIN)
			if (!again(a))
				break;
		if (!rc && !kept) {
			w->password = password;
			password = NULL;
		} else if (rc && kept) {
			secret_free(w->password);
			w->password = NULL;
		}
		secret_free(password);
		if (!judge(a, rc)) {
			if (i && !a->is_in)
				tried(a, _("password"), _("wrong"));
			break;
		}
		if (i + 1 == TRIES)
			tried(a, _("password"), _("wrong"));
	}
	free(question);
}

/* ---- all of it ---- */

static void try_way(struct auth *a, const char *word)
{
	if (str_eq(word, "gssapi"))
		tried(a, "gssapi", _("libssh2 cannot: it needs transport: openssh"));
	else if (str_eq(word, "agent") && offers(a, "publickey"))
		try_agent(a);
	else if (str_eq(word, "key") && offers(a, "publickey"))
		try_keys(a);
	else if (str_eq(word, "password") && offers(a, "password"))
		try_password(a);
	/* Servers that use PAM ask for the password this way; the usual order has asked already. */
	else if ((str_eq(word, "otp") || (str_eq(word, "password") && a->w->auth_count)) &&
		offers(a, "keyboard-interactive"))
		try_interactive(a, word);
	else
		tried(a, word, _("the server does not take it"));
}

static int refused(struct auth *a, struct err *err)
{
	struct ssh_worker *w = a->w;
	const char *cure = "";

	if (w->saw_rsa)
		cure = _("; RSA keys are refused when libssh2 1.10 signs (SHA-1): use an ed25519 "
			 "key, or "
			 "transport: openssh");
	else if (w->prompt_failed && !w->can_ask)
		cure = _("; nobody can be asked here: run it on a terminal");
	return err_set(err, E_AUTH, _("user %s was not let in (%s); the server takes %s%s"),
		w->user, a->tried.len ? buf_str(&a->tried) : _("nothing was tried"),
		str_empty(a->offered) ? "?" : a->offered, cure);
}

/* A server that wants something else after a way has accepted that way: one factor of two. */
static void ask_what_is_left(struct auth *a, const char *word)
{
	char *before = xstrdup_null(a->offered);

	ask_offered(a);
	if (word && before && !a->is_in && a->offered && !str_eq(before, a->offered))
		met_way(a->w, word, a->with);
	free(before);
}

int auth_run(struct ssh_worker *w, struct err *err)
{
	static const char *const usual[] = {"agent", "key", "otp", "password"};
	struct auth a = {.w = w};
	size_t count = w->auth_count ? w->auth_count : ARRAY_SIZE(usual);
	int rc = 0;

	a.mono_deadline_ms = clock_mono_ms() + w->connect_timeout_ms - w->paused_ms;
	buf_init(&a.tried, 0);
	const char *word = NULL;
	for (size_t i = 0; i < count && !a.is_in && !a.fatal.code; i++) {
		ask_what_is_left(&a, word);
		word = w->auth_count ? w->auth[i] : usual[i];
		a.with[0] = 0;
		if (!a.is_in && !a.fatal.code)
			try_way(&a, word);
	}
	if (!a.is_in && !a.fatal.code)
		ask_what_is_left(&a, word);
	if (a.is_in && word)
		met_way(w, word, a.with);
	if (a.fatal.code) {
		*err = a.fatal;
		rc = a.fatal.code;
		/* Some servers hang up instead of saying no. */
		if (rc == E_NET && a.tried.len)
			rc = err_set(err, E_AUTH,
				_("user %s was not let in (%s); the server hung up"), w->user,
				buf_str(&a.tried));
	} else if (!a.is_in) {
		rc = refused(&a, err);
	}
	free(a.offered);
	buf_release(&a.tried);
	return rc;
}
