/* TLS and HTTP/2 with a real server; what is wrong has its own words, with the cure. */
#include "core/base/buf.h"
#include "core/base/file.h"
#include "tests/core/net/access_kit.h"

static void many_at_once_share_one_connection_of_http2(void **state)
{
	struct fixture *f = *state;
	char *log, *line, *number;

	f->tls.ca = file("ca.pem");
	reach(f, "main", NULL);
	for (size_t i = 0; i < MANY; i++)
		start(f, i, "main", NULL, "/overview");
	settle(f);
	for (size_t i = 0; i < MANY; i++) {
		check_ok("get", f->asks[i].err.code, &f->asks[i].err);
		check_int("status", f->asks[i].status, 200);
		check_str("body", f->asks[i].body, BODY);
	}
	log = log_with(f, "main", "GET /flink/jm1/overview 200", MANY);
	check_int("HTTP/2", (int64_t)count_of(log, "HTTP/2.0 "), MANY);
	check_int("gzip", (int64_t)count_of(log, "sent=gzip"), MANY);
	line = strstr(log, "connection=");
	number = xstrndup(line, strcspn(line, " ") + 1);
	check_int("one connection", (int64_t)count_of(log, number), MANY);
	free(number);
	free(log);
}

static void a_connection_given_up_by_the_far_side_is_no_error(void **state)
{
	struct fixture *f = *state;

	f->tls.ca = file("ca.pem");
	reach(f, "tired", NULL);
	for (int i = 0; i < 12; i++)
		check_get(f, "one after the other", "tired");
	for (size_t i = 1; i < MANY; i++)
		start(f, i, "tired", NULL, "/overview");
	settle(f);
	for (size_t i = 1; i < MANY; i++) {
		check_ok("all at once", f->asks[i].err.code, &f->asks[i].err);
		check_int("all at once", f->asks[i].status, 200);
	}
}

static void what_is_wrong_with_tls_says_its_cure(void **state)
{
	static const struct {
		const char *name, *server, *ca, *cert, *key;
		bool insecure;
		int code;
		const char *part;
	} rows[] = {
		{"our CA", "main", "ca.pem", NULL, NULL, false, E_OK, NULL},
		{"no CA named", "main", NULL, NULL, NULL, false, E_NET,
			"name the CA that signed it by tls: {ca: FILE}"},
		{"another CA", "main", "other-ca.pem", NULL, NULL, false, E_NET,
			"is not signed by the CA in tls.ca"},
		{"expired", "expired", "ca.pem", NULL, NULL, false, E_NET,
			"its certificate has expired: renew it"},
		{"another name", "stranger", "ca.pem", NULL, NULL, false, E_NET,
			"its certificate is not for the name localhost: use a name of it in rest:"},
		{"insecure, no CA", "main", NULL, NULL, NULL, true, E_OK, NULL},
		{"insecure, expired", "expired", NULL, NULL, NULL, true, E_OK, NULL},
		{"insecure, another name", "stranger", NULL, NULL, NULL, true, E_OK, NULL},
		/* What was insecure a moment ago is in the cache of connections. */
		{"not insecure any more", "stranger", "ca.pem", NULL, NULL, false, E_NET,
			"is not for the name"},
		{"key of another", "mutual", "ca.pem", "client.pem", "wrong-client.key", false,
			E_AUTH, "tls.key"},
		{"our certificate", "mutual", "ca.pem", "client.pem", "client.key", false, E_OK,
			NULL},
		{"no certificate", "mutual", "ca.pem", NULL, NULL, false, E_AUTH,
			"it wants a client certificate: tls: {cert: FILE, key: FILE}"},
		{"of another CA", "mutual", "ca.pem", "wrong-client.pem", "wrong-client.key", false,
			E_AUTH, "it does not take our client certificate"},
		{"no certificate, by TLS", "strict", "ca.pem", NULL, NULL, false, E_AUTH,
			"the far side wants a client certificate (certificate required"},
		{"of another CA, by TLS", "strict", "ca.pem", "wrong-client.pem",
			"wrong-client.key", false, E_AUTH, "the far side does not take tls.cert"},
		{"both in one file", "mutual", "ca.pem", "bundle.pem", "bundle.pem", false, E_OK,
			NULL},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->tls = (struct tls_config){
			.insecure = rows[i].insecure,
			.ca = rows[i].ca ? file(rows[i].ca) : NULL,
			.cert = rows[i].cert ? file(rows[i].cert) : NULL,
			.key = rows[i].key ? file(rows[i].key) : NULL,
			.ca_place = (char *)PLACE,
			.cert_place = (char *)PLACE,
			.key_place = (char *)PLACE,
		};
		reach(f, rows[i].server, NULL);
		if (rows[i].code) {
			const struct err *err = get(f, rows[i].server, "/overview");
			check_err(rows[i].name, err->code, err, rows[i].code, rows[i].part);
			assert_true(str_starts(err->text, "GET https://localhost:"));
		} else {
			check_get(f, rows[i].name, rows[i].server);
		}
		drop_access(f);
	}
}

static void http_and_https_taken_for_one_another_are_told(void **state)
{
	struct fixture *f = *state;
	char *tls = xasprintf("https://localhost:%d/", front_port(world.front, "plain"));
	char *plain = xasprintf("http://localhost:%d/", front_port(world.front, "main"));

	asking_start(&f->asks[0], f->http, &(struct http_request){.url = tls});
	asking_start(&f->asks[1], f->http, &(struct http_request){.url = plain});
	settle(f);
	check_err("https to http", f->asks[0].err.code, &f->asks[0].err, E_NET,
		"does not speak TLS: is it http://?");
	check_err("http to https", f->asks[1].verdict.code, &f->asks[1].verdict, E_REMOTE,
		"rest: is to begin with https://");
	free(tls);
	free(plain);
}

static void files_that_cannot_be_taken_are_named_with_their_place(void **state)
{
	static const struct {
		const char *name, *ca, *cert, *key;
		mode_t mode; /* of the key */
		const char *passphrase, *part;
	} rows[] = {
		{"no such file", "gone.pem", NULL, NULL, 0, NULL, "gone.pem: No such file"},
		{"a folder", "tmp", NULL, NULL, 0, NULL, "/tmp is not a file"},
		{"not PEM", "nginx.conf", NULL, NULL, 0, NULL, "holds no certificate in PEM form"},
		{"cert is a key", "ca.pem", "client.key", "client.key", 0, NULL,
			"holds no certificate in PEM form"},
		{"key is a cert", "ca.pem", "client.pem", "client.pem", 0, NULL,
			"holds no private key in PEM form"},
		{"key for all to read", "ca.pem", "client.pem", "copy.key", 0644, NULL,
			"copy.key has mode 0644, so that others may read a secret: chmod 600 "},
		{"locked", "ca.pem", "client.pem", "locked.key", 0, NULL,
			"has a passphrase: name where it comes from"},
		{"locked, wrong", "ca.pem", "client.pem", "locked.key", 0, "not-the-password",
			"is its passphrase right"},
		{"locked, right", "ca.pem", "client.pem", "locked.key", 0, FRONT_PASSPHRASE, NULL},
	};
	struct fixture *f = *state;
	struct buf text;

	buf_init(&text, 0);
	check_int("copy", file_read(file("client.key"), &text, NULL), 0);
	temp_file(file("copy.key"), buf_str(&text));
	buf_release(&text);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->tls = (struct tls_config){
			.ca = file(rows[i].ca),
			.cert = rows[i].cert ? file(rows[i].cert) : NULL,
			.key = rows[i].key ? file(rows[i].key) : NULL,
			.ca_place = (char *)PLACE,
			.cert_place = (char *)PLACE,
			.key_place = (char *)PLACE,
		};
		if (rows[i].mode)
			assert_int_equal(0, chmod(f->tls.key, rows[i].mode));
		if (rows[i].passphrase) {
			setenv("WEIR_TEST_PASSPHRASE", rows[i].passphrase, 1);
			f->tls.passphrase = (struct secret_config){
				.env = (char *)"WEIR_TEST_PASSPHRASE", .place = (char *)PLACE};
		}
		reach(f, "mutual", NULL);
		if (rows[i].part) {
			const struct err *err = get(f, "mutual", "/overview");
			check_has(rows[i].name, err->text, rows[i].part);
			/* Where the passphrase is wrong only OpenSSL knows, and no place. */
			if (!rows[i].passphrase)
				check_err(rows[i].name, err->code, err, E_CONFIG, PLACE);
		} else {
			check_get(f, rows[i].name, "mutual");
		}
		drop_access(f);
	}
	unsetenv("WEIR_TEST_PASSPHRASE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(many_at_once_share_one_connection_of_http2),
		CASE(a_connection_given_up_by_the_far_side_is_no_error),
		CASE(what_is_wrong_with_tls_says_its_cure),
		CASE(http_and_https_taken_for_one_another_are_told),
		CASE(files_that_cannot_be_taken_are_named_with_their_place),
	};

	check_locale();
	return cmocka_run_group_tests(tests, enter, leave);
}
