/*
 * For the tests of the client in real networks: nginx with TLS, HTTP/2, logins and client
 * certificates before a server, proxies beside it, once for a program; a client for each case.
 */
#ifndef WEIR_TESTS_ACCESS_KIT_H
#define WEIR_TESTS_ACCESS_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/command_log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "core/net/http_access.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/front.h"
#include "tests/support/httpd.h"

#define MANY 30
#define BODY "{\"slots\":4, \"pad\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"
#define PLACE "config.yaml:7:9"

/* Once for all cases: what takes its time to start. */
static struct {
	struct httpd *server;
	struct front *front;
} world;

struct fixture {
	struct loop *loop;
	struct http *http;
	struct command_log *log;
	struct http_access *access;
	struct tls_config tls;
	struct auth_config auth;
	struct asking asks[MANY];
	char *dir;
};

static inline int enter(void **state)
{
	(void)state;
	world.server = httpd_start("127.0.0.1");
	httpd_on(world.server, "GET /overview", &(struct httpd_answer){.body = BODY});
	httpd_on(world.server, "POST /overview", &(struct httpd_answer){.body = "{}"});
	httpd_on(world.server, "POST /jars/upload", &(struct httpd_answer){.body = "{}"});
	world.front = front_up(httpd_port(world.server));
	return world.front ? 0 : -1;
}

static inline int leave(void **state)
{
	(void)state;
	front_down(world.front);
	httpd_stop(world.server);
	return 0;
}

static inline int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = {0};

	check_ok("loop_open", loop_open(&f->loop, &err), &err);
	f->log = command_log_new(0);
	check_ok("http_open",
		http_open(&f->http, f->loop, &(struct http_options){.log = f->log}, &err), &err);
	f->dir = temp_dir();
	*state = f;
	return 0;
}

static inline void drop_access(struct fixture *f)
{
	for (size_t i = 0; i < MANY; i++)
		asking_release(&f->asks[i]);
	http_access_free(f->access);
	f->access = NULL;
	json_decref(f->tls.passphrase.command);
	json_decref(f->auth.secret.command);
	f->tls = (struct tls_config){.ca = NULL};
	f->auth = (struct auth_config){.user = NULL};
}

/* Nothing secret is in what people see of a run. */
static inline void check_log(struct fixture *f)
{
	static const char *const secrets[] = {
		FRONT_PASSWORD, FRONT_PASSPHRASE, FRONT_TOKEN, "not-the-password", "b3BzOm"};

	for (size_t i = 0; i < command_log_count(f->log); i++) {
		const struct command_entry *entry = command_log_at(f->log, i);

		for (size_t k = 0; k < ARRAY_SIZE(secrets); k++) {
			assert_null(strstr(entry->what, secrets[k]));
			assert_true(!entry->error || !strstr(entry->error, secrets[k]));
		}
	}
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	drop_access(f);
	http_close(f->http);
	check_log(f);
	loop_close(f->loop);
	command_log_free(f->log);
	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

/* Texts of the configuration are borrowed here. */
static inline char *file(const char *name)
{
	return (char *)front_file(world.front, name);
}

/* A new access to the server `name` with f->tls and f->auth. */
static inline void reach(struct fixture *f, const char *name, const char *proxy)
{
	char *base = front_url(world.front, name, "");

	f->access = http_access_new(&(struct http_access_options){.loop = f->loop,
		.log = f->log,
		.name = "prod",
		.addresses = (const char *[]){base},
		.address_count = 1,
		.tls = &f->tls,
		.auth = &f->auth,
		.proxy = proxy});
	free(base);
}

static inline void start(
	struct fixture *f, size_t i, const char *name, const char *method, const char *path)
{
	char *url = front_url(world.front, name, path);

	asking_start(&f->asks[i], f->http,
		&(struct http_request){
			.url = url, .method = method, .access = f->access, .where = "prod"});
	free(url);
}

static inline void settle(struct fixture *f)
{
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
}

/* One GET of /overview; its error, or its verdict. */
static const struct err *get(struct fixture *f, const char *name, const char *path)
{
	asking_release(&f->asks[0]);
	start(f, 0, name, NULL, path);
	settle(f);
	check_int(name, f->asks[0].done, 1);
	return f->asks[0].err.code ? &f->asks[0].err : &f->asks[0].verdict;
}

static inline void check_get(struct fixture *f, const char *row, const char *name)
{
	const struct err *err = get(f, name, "/overview");

	if (err->code)
		fail_msg("%s: %s", row, err->text);
	check_str(row, f->asks[0].body, BODY);
}

static inline size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		count++;
	return count;
}

/* The log is written after the answer has left. */
struct waiting {
	const char *name, *part;
	size_t count;
};

static inline bool has_logged(void *data)
{
	const struct waiting *wait = data;
	char *log = front_log(world.front, wait->name);
	bool enough = count_of(log, wait->part) >= wait->count;

	free(log);
	return enough;
}

static inline char *log_with(struct fixture *f, const char *name, const char *part, size_t count)
{
	struct waiting wait = {name, part, count};

	assert_true(asking_until(f->loop, has_logged, &wait));
	return front_log(world.front, name);
}

enum origin { BY_ENV, BY_FILE, BY_COMMAND };

/* f->auth with a secret that comes from there; `secret` NULL = there is none. */
static inline void sign_in(
	struct fixture *f, const char *user, enum origin origin, const char *secret)
{
	struct secret_config *from = &f->auth.secret;

	f->tls.ca = file("ca.pem");
	f->auth.user = (char *)user;
	from->place = (char *)PLACE;
	if (origin == BY_ENV) {
		from->env = (char *)"WEIR_TEST_SECRET";
		unsetenv("WEIR_TEST_SECRET");
		if (secret)
			setenv("WEIR_TEST_SECRET", secret, 1);
		return;
	}
	if (secret) {
		temp_file(file("secret"), secret);
		assert_int_equal(0, chmod(file("secret"), 0600));
	} else {
		remove(file("secret"));
	}
	if (origin == BY_FILE)
		from->file = file("secret");
	else
		from->command = json_pack("[s, s]", "cat", file("secret"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
