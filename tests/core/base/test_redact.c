/* The redactor: nothing secret comes out, and nothing else changes. */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/log.h"
#include "core/base/mem.h"

struct row {
	const char *name, *in, *want; /* want NULL: as it was */
};

static void run_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *got = redact_dup(rows[i].in);
		check_str(rows[i].name, got, rows[i].want ? rows[i].want : rows[i].in);
		/* What is redacted once stays as it is. */
		char *again = redact_dup(got);
		check_str(rows[i].name, again, got);
		free(again);
		free(got);
	}
}

static void redact_key_knows_all_spellings(void **state)
{
	static const struct {
		const char *key;
		bool want;
	} rows[] = {
		{"password", true},
		{"PASSWORD", true},
		{"db_passwd", true},
		{"s3.secret-key", true},
		{"s3.access-key", true},
		{"fs.s3a.access.key", true},
		{"ACCESS_KEY", true},
		{"accessKeyId", true},
		{"apiKey", true},
		{"api-key", true},
		{"X-Api-Key", true},
		{"security.token", true},
		{"credentials", true},
		{"sasl.jaas.config", true},
		{"sasl.mechanism", true},
		{"key", false},
		{"primary.key", false},
		{"access", false},
		{"passenger", false},
		{"parallelism", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_bool(rows[i].key, redact_key(rows[i].key), rows[i].want);
}

static void redact_masks_equals(void **state)
{
	static const struct row rows[] = {
		{"plain", "password=hunter2", "password=******"},
		{"in a line", "user=bob password=hunter2 retries=3",
			"user=bob password=****** retries=3"},
		{"java option", "-Dfs.s3a.secret.key=AbC/+9== -Xmx1g",
			"-Dfs.s3a.secret.key=****** -Xmx1g"},
		{"long option", "--password=hunter2 --parallelism=2",
			"--password=****** --parallelism=2"},
		{"double quotes", "password=\"two words\" x=1", "password=\"******\" x=1"},
		{"single quotes", "password='two words' x=1", "password='******' x=1"},
		{"escaped quote inside", "password=\"a\\\"b c\" x=1", "password=\"******\" x=1"},
		{"shell quote inside", "password='a'\\''b c' x=1", "password='******' x=1"},
		{"sql quote inside", "'password' = 'it''s', 'x' = 'y'",
			"'password' = '******', 'x' = 'y'"},
		{"half quoted", "password=ab\"cd ef\" x=1", "password=****** x=1"},
		{"escaped space", "password=ab\\ cd x=1", "password=****** x=1"},
		{"whole word quoted", "run '--password=two words' now",
			"run '--password=******' now"},
		{"inside a quoted command", "sh -c \"job --password=abc --x 1\"",
			"sh -c \"job --password=****** --x 1\""},
		{"url query", "GET /jars?token=abc123&parallelism=2",
			"GET /jars?token=******&parallelism=2"},
		{"jdbc", "jdbc:mysql://db:3306/o?user=u&password=p%40ss&useSSL=false",
			"jdbc:mysql://db:3306/o?user=u&password=******&useSSL=false"},
		{"java map", "{user=bob, password=two words, x=1}",
			"{user=bob, password=******, x=1}"},
		{"last of a java map", "{user=bob, secret=abc}", "{user=bob, secret=******}"},
		{"list with commas", "password=a,user=b", "password=******,user=b"},
		{"comma is part", "password=a,b x", "password=****** x"},
		{"spaces around", "  fs.secret = two words", "  fs.secret = ******"},
		{"arrow", "'password' => 'hunter2', 'x' => 'y'",
			"'password' => '******', 'x' => 'y'"},
		{"unclosed quote", "password=\"abc def\nnext line", "password=\"******\nnext line"},
		{"braces in the value", "password=${SECRET_REF} x", "password=****** x"},
		{"form array", "auth[password]=abc&x=1", "auth[password]=******&x=1"},
		{"after CJK", "\xE5\xAF\x86password=abc x", "\xE5\xAF\x86password=****** x"},
		{"windows line", "password=abc\r\nx=1\r\n", "password=******\r\nx=1\r\n"},
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void redact_masks_flink_properties(void **state)
{
	static const struct row rows[] = {
		{"s3", "s3.access-key: AKIAIOSFODNN7EXAMPLE\ns3.endpoint: http://minio:9000\n",
			"s3.access-key: ******\ns3.endpoint: http://minio:9000\n"},
		{"yaml with spaces", "s3.secret-key: two words # why\nx: 1",
			"s3.secret-key: ******\nx: 1"},
		{"yaml list item", "- password: two words\n- name: x",
			"- password: ******\n- name: x"},
		{"yaml flow", "db: {password: two words, user: bob}",
			"db: {password: ******, user: bob}"},
		{"yaml block", "a:\n  secret: |\n    line one\n\n    line two\n  name: x\n",
			"a:\n  secret: |\n    ******\n\n    ******\n  name: x\n"},
		{"yaml null", "password: null\nx: ~", NULL},
		{"jaas quoted",
			"sasl.jaas.config=\"org.x.PlainLoginModule required username='u' "
			"password='p';\" y=1",
			"sasl.jaas.config=\"******\" y=1"},
		{"jaas escaped",
			"sasl.jaas.config=\"x required username=\\\"u\\\" password=\\\"p "
			"q\\\";\"\ny=1",
			"sasl.jaas.config=\"******\"\ny=1"},
		{"jaas bare",
			"properties.sasl.jaas.config=org.x.PlainLoginModule required "
			"username=\"u\" "
			"password=\"p\";\nnext=1",
			"properties.sasl.jaas.config=******\nnext=1"},
		{"jaas yaml", "sasl.jaas.config: org.x required user=\"u\" password=\"p;q\";\ny: 1",
			"sasl.jaas.config: ******\ny: 1"},
		{"jaas sql",
			"'properties.sasl.jaas.config' = 'x required username=\"u\" "
			"password=\"p\";',\n'a' = 'b'",
			"'properties.sasl.jaas.config' = '******',\n'a' = 'b'"},
		{"jaas over lines", "x required \\\n  username=\"u\" \\\n  password=\"p q\";",
			"x required \\\n  username=\"u\" \\\n  password=\"******\";"},
		{"sloppy quotes", "sasl.jaas.config=\"x username=\"u\" password=\"p\";\"",
			"sasl.jaas.config=\"******\" password=\"******\";\""},
		{"colon in a log line", "12:00:01 got token: abc from host",
			"12:00:01 got token: ****** from host"},
		{"hadoop xml", "<name>fs.s3a.secret.key</name>\n <value>a b</value>",
			"<name>fs.s3a.secret.key</name>\n <value>******</value>"},
		{"xml element", "<password>a b</password><user>u</user>",
			"<password>******</password><user>u</user>"},
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void redact_masks_json(void **state)
{
	static const struct row rows[] = {
		{"string", "{\"user\": \"bob\", \"password\": \"hun\\\"ter, 2\", \"x\": 1}",
			"{\"user\": \"bob\", \"password\": \"******\", \"x\": 1}"},
		{"compact", "{\"apiKey\":\"k\",\"x\":1}", "{\"apiKey\":\"******\",\"x\":1}"},
		{"number", "{\"token\":12345,\"x\":1}", "{\"token\":******,\"x\":1}"},
		{"null and bool", "{\"token\":null,\"use-token\": true,\"x\":1}", NULL},
		{"empty", "{\"token\":\"\",\"secret\":[],\"x\":1}", NULL},
		{"list", "{\"tokens\":[\"a\",\"b]\"],\"x\":1}", "{\"tokens\":******,\"x\":1}"},
		{"object", "{\"credentials\":{\"user\":\"u\",\"key\":\"k\"},\"x\":1}",
			"{\"credentials\":******,\"x\":1}"},
		{"pretty", "{\n  \"secret\":\n    \"abc\",\n  \"x\": 1\n}",
			"{\n  \"secret\":\n    \"******\",\n  \"x\": 1\n}"},
		{"json in json", "{\"body\":\"{\\\"password\\\":\\\"a b\\\",\\\"x\\\":1}\"}",
			"{\"body\":\"{\\\"password\\\":\\\"******\\\",\\\"x\\\":1}\"}"},
		{"json in json in json",
			"\"{\\\"a\\\":\\\"{\\\\\\\"token\\\\\\\":\\\\\\\"t\\\\\\\"}\\\"}\"",
			"\"{\\\"a\\\":\\\"{\\\\\\\"token\\\\\\\":\\\\\\\"******\\\\\\\"}\\\"}\""},
		{"flink configuration",
			"[{\"key\":\"s3.secret-key\",\"value\":\"abc\"},{\"key\":\"x\",\"value\":"
			"\"y\"}]",
			"[{\"key\":\"s3.secret-key\",\"value\":\"******\"},{\"key\":\"x\","
			"\"value\":\"y\"}]"},
		{"line end inside", "{\"msg\":\"use password=abc\\nthen go\"}",
			"{\"msg\":\"use password=******\\nthen go\"}"},
		{"cut short", "{\"password\":\"abc", "{\"password\":\"******"},
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void redact_masks_arguments(void **state)
{
	static const struct row rows[] = {
		{"word", "run --password hunter2 --parallelism 2",
			"run --password ****** --parallelism 2"},
		{"quoted", "run --password 'two words' -x", "run --password '******' -x"},
		{"one dash", "run -password hunter2 -x", "run -password ****** -x"},
		{"at the end", "run --token abc", "run --token ******"},
		{"json list", "[\"--password\", \"hunter2\", \"--x\"]",
			"[\"--password\", \"******\", \"--x\"]"},
		{"json list over lines", "[\n  \"--password\",\n  \"hunter2\"\n]",
			"[\n  \"--password\",\n  \"******\"\n]"},
		{"java list", "[--password, hunter2, --x, 1]", "[--password, ******, --x, 1]"},
		{"yaml list", "args:\n- --password\n- hunter2\n- --x",
			"args:\n- --password\n- ******\n- --x"},
		{"continued line", "run --password \\\n  hunter2 \\\n  -x",
			"run --password \\\n  ****** \\\n  -x"},
		{"a flag", "run --use-token --verbose", NULL},
		{"a flag in a pipe", "weir --show-token | less", NULL},
		{"a flag at the end of a string", "sh -c \"x --use-token\" && y", NULL},
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void redact_masks_urls_and_headers(void **state)
{
	static const struct row rows[] = {
		{"userinfo", "GET http://bob:hunter2@jm:8081/jobs",
			"GET http://bob:******@jm:8081/jobs"},
		{"at sign inside", "https://u:p@ss@host/x", "https://u:******@host/x"},
		{"slash inside", "https://u:p/s#s@host/x y", "https://u:******@host/x y"},
		{"user only", "ssh://git@host/repo.git", NULL},
		{"token as user", "https://ghp_0123456789abcdef@git.example/x.git",
			"https://******@git.example/x.git"},
		{"no user", "http://jm:8081/jobs/overview?x=a@b", NULL},
		{"ipv6", "http://[::1]:8081/jobs@x", NULL},
		{"several", "a://u:p@h1 b://h2:1 c://v:q@h3",
			"a://u:******@h1 b://h2:1 c://v:******@h3"},
		{"kafka listener", "SASL_SSL://broker-1:9093,SASL_SSL://broker-2:9093", NULL},
		{"bearer", "Authorization: Bearer xyz", "Authorization: Bearer ******"},
		{"basic", "Authorization: Basic dTpw", "Authorization: Basic ******"},
		{"lower case", "authorization:bearer xyz", "authorization:bearer ******"},
		{"no scheme", "Authorization: xyz abc", "Authorization: ******"},
		{"digest", "Authorization: Digest username=\"u\", response=\"r\"",
			"Authorization: Digest ******"},
		{"curl", "curl -H 'Authorization: Bearer a.b.c' http://jm:8081/",
			"curl -H 'Authorization: Bearer ******' http://jm:8081/"},
		{"json header", "{\"Authorization\": \"Bearer xyz\", \"Accept\": \"*/*\"}",
			"{\"Authorization\": \"Bearer ******\", \"Accept\": \"*/*\"}"},
		{"log line", "sent Authorization: Bearer xyz, got 401",
			"sent Authorization: Bearer ******, got 401"},
		{"cookie", "Cookie: a=b; c=d\r\nHost: x", "Cookie: ******\r\nHost: x"},
		{"header key", "X-Auth-Token: abc\nHost: x", "X-Auth-Token: ******\nHost: x"},
		{"basic alone", "sent Basic dXNlcjpwYXNz and", "sent Basic ****** and"},
		{"bearer alone", "with Bearer eyJhbGciOi.J9abc and", "with Bearer ****** and"},
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void redact_leaves_innocent_text(void **state)
{
	static const struct row rows[] = {
		{"empty", "", NULL},
		{"prose", "The password was wrong; ask for a new token.", NULL},
		{"basic prose", "Basic authentication is off, Bearer authentication is on", NULL},
		{"exception",
			"org.apache.kafka.common.errors.SaslAuthenticationException: "
			"Authentication failed",
			NULL},
		{"short exception", "Caused by: SaslException: GSS initiate failed", NULL},
		{"inner class",
			"o.a.h.SecretManager$InvalidToken: token (x) can't be found in cache",
			NULL},
		{"stack frame", "\tat org.apache.hadoop.security.token.Token.decode(Token.java:57)",
			NULL},
		{"logger", "INFO o.a.f.r.s.token.DefaultDelegationTokenManager: Starting now",
			NULL},
		{"path", "open /run/secrets/db-password: No such file or directory", NULL},
		{"comparison", "if (token == null) return;", NULL},
		{"method", "Token::new, tokens::size", NULL},
		{"parser", "Unrecognized token 'abc': was expecting null", NULL},
		{"empty value", "password=\nnext=1", NULL},
		{"empty argument", "password= \nnext=1", NULL},
		{"other keys", "parallelism.default: 2\nkey: value\n--name x a=b", NULL},
		{"tabs and ends", "a\tb \r\n\r\n  c\n", NULL},
		{"CJK",
			"\xE8\xAE\xA2\xE5\x8D\x95\xE5\x90\x8C\xE6\xAD\xA5: "
			"\xE5\x81\x9C\xE6\xAD\xA2 x=1",
			NULL},
		{"apostrophes", "don't, can't: won't = shan't", NULL},
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

/* Bytes that are no text, NULs too, pass and do not stop the walk. */
static void redact_takes_any_bytes(void **state)
{
	static const char in[] = "a\0\xFF\xFEpassword=\xC3\x28z\0x=1";
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	redact(&out, in, sizeof(in) - 1);
	assert_int_equal(memcmp(out.data, "a\0\xFF\xFEpassword=******", 19), 0);
	buf_release(&out);
}

/* Each would take minutes if any part looked at the rest of the text again and again. */
static void redact_is_linear(void **state)
{
	static const char *const parts[] = {"a://b:c", "\"", "'", "\\\"", "password=\"",
		"token:", "{", "<password>", ",", "--token ", "\\", "a://b:c/",
		"Authorization:", "- ", "x", "secret: |\n ", "\"token\":["};
	const size_t size = 1 << 20;
	char *text = xmalloc(size + 1);
	struct buf out;

	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(parts); p++) {
		size_t len = strlen(parts[p]);
		for (size_t i = 0; i < size; i++)
			text[i] = parts[p][i % len];
		text[size] = '\0';
		buf_init(&out, 0);
		redact(&out, text, size);
		assert_false(out.overflow);
		assert_true(out.len > 0);
		buf_release(&out);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redact_key_knows_all_spellings),
		cmocka_unit_test(redact_masks_equals),
		cmocka_unit_test(redact_masks_flink_properties),
		cmocka_unit_test(redact_masks_json),
		cmocka_unit_test(redact_masks_arguments),
		cmocka_unit_test(redact_masks_urls_and_headers),
		cmocka_unit_test(redact_leaves_innocent_text),
		cmocka_unit_test(redact_takes_any_bytes),
		cmocka_unit_test(redact_is_linear),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
