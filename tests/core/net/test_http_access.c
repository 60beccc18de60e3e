/* Logins, redirects and proxies with real servers; what is wrong has its own words, with the cure. */
#include "tests/core/net/access_kit.h"
#include "tests/support/program.h"
#include "tests/support/sshd.h"

/* ---- logins ---- */

static void logins_from_each_origin(void **state)
{
	static const struct {
		const char *name, *server, *user;
		enum origin origin;
		const char *secret;
		int code;
		const char *part;
	} rows[] = {
		{"password by env", "basic", "ops", BY_ENV, FRONT_PASSWORD, E_OK, NULL},
		{"password by file", "basic", "ops", BY_FILE, FRONT_PASSWORD "\n", E_OK, NULL},
		{"password by command", "basic", "ops", BY_COMMAND,
			FRONT_PASSWORD "\nurl: https://x\n", E_OK, NULL},
		{"token by env", "bearer", NULL, BY_ENV, FRONT_TOKEN, E_OK, NULL},
		{"token by command", "bearer", NULL, BY_COMMAND, FRONT_TOKEN "\r\n", E_OK, NULL},
		{"no login", "basic", NULL, BY_ENV, "", E_AUTH,
			"HTTP 401: an HTML page, not JSON (\"401 Authorization Required\"); it "
			"wants a login: auth: of this cluster"},
		{"wrong password", "basic", "ops", BY_ENV, "not-the-password", E_AUTH,
			"user ops was refused"},
		{"wrong token", "bearer", NULL, BY_ENV, "not-the-password", E_AUTH,
			"the token was refused"},
		{"no variable", "basic", "ops", BY_ENV, NULL, E_CONFIG,
			PLACE ": the environment has no WEIR_TEST_SECRET: export it"},
		{"no file", "basic", "ops", BY_FILE, NULL, E_CONFIG, PLACE ": "},
		{"empty file", "basic", "ops", BY_FILE, "\n" FRONT_PASSWORD, E_CONFIG,
			"no secret came: its first line is empty"},
		{"command fails", "basic", "ops", BY_COMMAND, NULL, E_CONFIG,
			"ended with 1: cat: "},
		{"empty output", "basic", "ops", BY_COMMAND, "", E_CONFIG,
			"printed nothing that could be a secret"},
		{"a control character", "bearer", NULL, BY_FILE, "a\tb", E_CONFIG,
			"has a control character"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		sign_in(f, rows[i].user, rows[i].origin, rows[i].secret);
		if (str_eq(rows[i].name, "no login"))
			f->auth = (struct auth_config){.user = NULL};
		reach(f, rows[i].server, NULL);
		if (rows[i].code) {
			const struct err *err = get(f, rows[i].server, "/overview");
			check_err(rows[i].name, err->code, err, rows[i].code, rows[i].part);
			assert_true(!rows[i].secret || !*rows[i].secret ||
				!strstr(err->text, rows[i].secret));
		} else {
			check_get(f, rows[i].name, rows[i].server);
		}
		drop_access(f);
	}
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct err *err;

	sign_in(f, "ops", BY_FILE, FRONT_PASSWORD);
	assert_int_equal(0, chmod(file("secret"), 0640));
	reach(f, "basic", NULL);
	err = get(f, "basic", "/overview");
	check_err("0640", err->code, err, E_CONFIG,
		"secret has mode 0640, so that others may read "
		"a secret: chmod 600 /");
	check_has("0640", err->text, PLACE);
	/* Done as it says. */
	assert_int_equal(0, chmod(file("secret"), 0600));
	http_access_retry(f->access);
	check_get(f, "0600", "basic");
}

/* How often the password command ran. */
static size_t asked(const struct fixture *f)
{
	size_t count = 0;

	for (size_t i = 0; i < command_log_count(f->log); i++)
		count += command_log_at(f->log, i)->kind == COMMAND_PROGRAM;
	return count;
}

static void a_refused_password_is_asked_for_once_more(void **state)
{
	struct fixture *f = *state;
	const struct err *err;
	int64_t requests;

	sign_in(f, "ops", BY_COMMAND, FRONT_PASSWORD);
	reach(f, "basic", NULL);
	for (int i = 0; i < 3; i++)
		check_get(f, "kept for the session", "basic");
	check_int("kept for the session", (int64_t)asked(f), 1);
	/* A new password over there and here: nobody notices. */
	temp_file(file("htpasswd"), "ops:{PLAIN}another-one\n");
	temp_file(file("secret"), "another-one");
	for (size_t i = 1; i < 5; i++)
		start(f, i, "basic", NULL, "/overview");
	settle(f);
	for (size_t i = 1; i < 5; i++)
		check_int("changed on both sides", f->asks[i].status, 200);
	check_int("changed on both sides", (int64_t)asked(f), 2);
	/* Only over there: refused, and then left alone. */
	temp_file(file("htpasswd"), "ops:{PLAIN}" FRONT_PASSWORD "\n");
	err = get(f, "basic", "/overview");
	check_err("the same again", err->code, err, E_AUTH,
		"HTTP 401: user ops was refused, and what was asked for again is the same");
	check_int("the same again", (int64_t)asked(f), 3);
	requests = http_stats(f->http).requests;
	err = get(f, "basic", "/overview");
	check_err("left alone", err->code, err, E_AUTH, "not asked: user ops was refused here");
	check_int("left alone", http_stats(f->http).requests, requests);
	/* A person wants it tried. */
	temp_file(file("secret"), FRONT_PASSWORD);
	http_access_retry(f->access);
	check_get(f, "tried again", "basic");
}

static void an_order_is_not_repeated_but_the_next_has_the_new_password(void **state)
{
	struct fixture *f = *state;
	int before;

	sign_in(f, "ops", BY_COMMAND, "not-the-password");
	reach(f, "basic", NULL);
	start(f, 0, "basic", "POST", "/overview");
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
	check_int("refused", f->asks[0].status, 401);
	before = httpd_requests(world.server, "POST /overview");
	drop_access(f);

	sign_in(f, "ops", BY_COMMAND, FRONT_PASSWORD);
	reach(f, "basic", NULL);
	check_get(f, "first", "basic");
	temp_file(file("htpasswd"), "ops:{PLAIN}another-one\n");
	temp_file(file("secret"), "another-one");
	start(f, 1, "basic", "POST", "/overview");
	settle(f);
	check_int("the order", f->asks[1].status, 401);
	check_int("the order", httpd_requests(world.server, "POST /overview"), before);
	start(f, 2, "basic", "POST", "/overview");
	settle(f);
	check_int("the next", f->asks[2].status, 200);
	check_int("the next", httpd_requests(world.server, "POST /overview"), before + 1);
	temp_file(file("htpasswd"), "ops:{PLAIN}" FRONT_PASSWORD "\n");
}

static void a_login_goes_to_its_own_addresses_only(void **state)
{
	struct fixture *f = *state;
	char *elsewhere = httpd_url(world.server, "/overview"), *seen;

	sign_in(f, "ops", BY_ENV, FRONT_PASSWORD);
	reach(f, "basic", NULL);
	asking_start(&f->asks[1], f->http,
		&(struct http_request){.url = elsewhere, .access = f->access});
	settle(f);
	check_int("status", f->asks[1].status, 200);
	seen = httpd_last_request(world.server);
	assert_null(strstr(seen, "Authorization"));
	free(seen);
	/* Nor does the next request with the same handle carry it. */
	check_get(f, "its own", "basic");
	asking_release(&f->asks[1]);
	asking_start(&f->asks[1], f->http, &(struct http_request){.url = elsewhere});
	settle(f);
	seen = httpd_last_request(world.server);
	assert_null(strstr(seen, "Authorization"));
	free(seen);
	free(elsewhere);
}

static void a_jar_goes_up_with_login_and_prefix(void **state)
{
	struct fixture *f = *state;
	char *url = front_url(world.front, "basic", "/jars/upload"), *path, *seen;
	struct http_upload upload = {.field = "jarfile",
		.name = "orders.jar",
		.content_type = "application/x-java-archive"};

	path = temp_path(f->dir, "orders.jar");
	temp_file(path, "not really a jar");
	upload.path = path;
	sign_in(f, "ops", BY_COMMAND, FRONT_PASSWORD);
	reach(f, "basic", NULL);
	asking_start(&f->asks[0], f->http,
		&(struct http_request){
			.url = url, .method = "POST", .upload = &upload, .access = f->access});
	settle(f);
	check_ok("upload", f->asks[0].err.code, &f->asks[0].err);
	check_int("upload", f->asks[0].status, 200);
	seen = httpd_last_request(world.server);
	check_has("upload", seen, "POST /jars/upload ");
	check_has("upload", seen, "not really a jar");
	free(seen);
	free(path);
	free(url);
}

/* ---- redirects ---- */

static void redirects_stay_with_scheme_host_and_port(void **state)
{
	static const struct {
		const char *path, *part; /* part NULL: followed */
	} rows[] = {
		{"/moved", NULL},
		{"/round", "not followed"},
		{"/elsewhere",
			"HTTP 302: it leads to https://sso.example/login?session=1: weir "
			"does not follow to another host, port or scheme"},
		{"/downgrade", "HTTP 301: it leads to http://localhost:"},
	};
	struct fixture *f = *state;

	sign_in(f, "ops", BY_ENV, FRONT_PASSWORD);
	reach(f, "basic", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct err *err = get(f, "basic", rows[i].path);

		if (rows[i].part)
			check_err(rows[i].path, err->code, err, E_REMOTE, rows[i].part);
		else
			check_str(rows[i].path, f->asks[0].body, BODY);
	}
}

/* ---- proxies ---- */

static void through_an_http_proxy(void **state)
{
	struct fixture *f = *state;
	char *proxy = front_proxy(world.front, "proxy"), *toll = front_proxy(world.front, "toll");
	char *named;
	const struct err *err;

	f->tls.ca = file("ca.pem");
	reach(f, "main", proxy);
	check_get(f, "TLS", "main");
	named = xasprintf("CONNECT localhost:%d", front_port(world.front, "main"));
	free(log_with(f, "proxy", named, 1));
	free(named);
	drop_access(f);
	reach(f, "plain", proxy);
	check_get(f, "plain", "plain");
	free(log_with(f, "proxy", "GET http://localhost:", 1));
	drop_access(f);

	f->tls.ca = file("ca.pem");
	reach(f, "main", toll);
	err = get(f, "main", "/overview");
	check_err("toll", err->code, err, E_AUTH, "wants a login (HTTP 407)");
	check_has("toll", err->text, "the proxy http://localhost:");
	drop_access(f);
	reach(f, "plain", toll);
	err = get(f, "plain", "/overview");
	check_err("toll, plain", err->code, err, E_REMOTE, "the proxy wants a login");
	drop_access(f);

	f->tls.ca = file("ca.pem");
	reach(f, "main", "http://127.0.0.1:1");
	err = get(f, "main", "/overview");
	check_err(
		"gone", err->code, err, E_NET, "the proxy http://127.0.0.1:1: connection refused");
	drop_access(f);
	free(proxy);
	free(toll);
}

static void the_environments_proxy_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;
	char *toll =
		xasprintf("http://li:let-me-pass@localhost:%d", front_port(world.front, "toll"));
	const struct err *err;

	setenv("https_proxy", toll, 1);
	f->tls.ca = file("ca.pem");
	reach(f, "main", "env");
	check_get(f, "env", "main");
	free(log_with(f, "toll", "Established connection to host", 1));
	drop_access(f);

	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("no_proxy", "10.0.0.0/8, localhost", 1);
	f->tls.ca = file("ca.pem");
	reach(f, "main", "env");
	check_get(f, "no_proxy", "main");
	setenv("no_proxy", "alhost,.example", 1);
	err = get(f, "main", "/overview");
	check_err("another name", err->code, err, E_NET, "the proxy http://127.0.0.1:1");
	setenv("https_proxy", "socks4://127.0.0.1:1", 1);
	err = get(f, "main", "/overview");
	check_err("another kind", err->code, err, E_CONFIG, "a proxy of the kind socks4://");
	unsetenv("https_proxy");
	unsetenv("no_proxy");
	check_get(f, "none", "main");
	free(toll);
}

static bool is_listening(struct program *ssh, void *data)
{
	(void)data;
	/* It says that it listens before it does. */
	return strstr(buf_str(&ssh->err), "Entering interactive session") != NULL;
}

static void through_a_socks_proxy(void **state)
{
	struct fixture *f = *state;
	struct sshd *servers = sshd_up();
	struct program *ssh;
	/* Nobody has it: it was httpd's a moment ago, and the kernel gives it to nobody else soon. */
	struct httpd *spare = httpd_start("127.0.0.1");
	int port = httpd_port(spare);
	char *listen = xasprintf("127.0.0.1:%d", port), *key, *known, *to, *proxy;
	const struct err *err;

	assert_non_null(servers);
	httpd_stop(spare);
	key = xstrdup(sshd_file(servers, "id_ed25519"));
	known = xasprintf("UserKnownHostsFile=%s", sshd_file(servers, "known_hosts"));
	to = xasprintf("%d", sshd_port(servers, "gw"));
	ssh = program_start(&(struct program_setup){.file = "ssh",
		.words = (const char *[]){"-v", "-N", "-F", "none", "-o", known, "-o",
			"BatchMode=yes", "-i", key, "-D", listen, "-p", to, "127.0.0.1", NULL}});
	assert_true(program_until(ssh, is_listening, NULL, ASKING_DEADLINE_MS));
	proxy = xasprintf("socks5h://localhost:%d", port);
	f->tls.ca = file("ca.pem");
	reach(f, "main", proxy);
	check_get(f, "socks", "main");
	drop_access(f);
	/* A port where nobody listens, as seen from there. */
	reach(f, "plain", proxy);
	asking_start(&f->asks[0], f->http,
		&(struct http_request){.url = "http://127.0.0.1:1/", .access = f->access});
	settle(f);
	err = &f->asks[0].err;
	check_err("nobody there", err->code, err, E_NET, "the proxy socks5h://localhost:");
	drop_access(f);
	program_free(ssh);
	sshd_down(servers);
	free(listen);
	free(key);
	free(known);
	free(to);
	free(proxy);
}

static void letting_go_while_it_is_fetched(void **state)
{
	struct fixture *f = *state;

	sign_in(f, "ops", BY_COMMAND, FRONT_PASSWORD);
	json_decref(f->auth.secret.command);
	f->auth.secret.command = json_pack("[s, s, s]", "sh", "-c", "sleep 60");
	reach(f, "basic", NULL);
	start(f, 0, "basic", NULL, "/overview");
	start(f, 1, "basic", NULL, "/overview");
	while (!asked(f))
		loop_turn(f->loop, 100);
	http_cancel(f->asks[0].transfer);
	f->asks[0].transfer = NULL;
	check_int("not called", f->asks[0].done, 0);
	drop_access(f);
	settle(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(logins_from_each_origin),
		CASE(a_secret_that_others_may_read_is_refused),
		CASE(a_refused_password_is_asked_for_once_more),
		CASE(an_order_is_not_repeated_but_the_next_has_the_new_password),
		CASE(a_login_goes_to_its_own_addresses_only),
		CASE(a_jar_goes_up_with_login_and_prefix),
		CASE(redirects_stay_with_scheme_host_and_port),
		CASE(through_an_http_proxy),
		CASE(the_environments_proxy_where_it_is_wanted),
		CASE(through_a_socks_proxy),
		CASE(letting_go_while_it_is_fetched),
	};

	check_locale();
	return cmocka_run_group_tests(tests, enter, leave);
}
