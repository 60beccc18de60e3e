/*
 * Forwards for a browser on real sshd, two hops: as a port of 127.0.0.1, and as a socket for a real
 * `ssh -L`; what they relay, refuse, list and close.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/command_log.h"
#include "core/net/forward.h"
#include "core/net/http.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/asking.h"
#include "tests/support/httpd.h"
#include "tests/support/program.h"

#define MANY 100
#define BIG_BYTES ((uint64_t)5 << 20)

struct world {
	struct kit *kit;
	struct http *http;
	struct httpd *server;
	struct forwards *forwards;
	struct asking asks[MANY];
	int changes;
};

static void on_change(void *data)
{
	((struct world *)data)->changes++;
}

static void world_open(struct kit *k, struct world *w, bool is_shared, int64_t idle_ms)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->kit = k;
	check_ok("http_open", http_open(&w->http, k->loop, NULL, &err), &err);
	w->server = httpd_start("127.0.0.1");
	httpd_on(w->server, "GET /config", &(struct httpd_answer){.body = "{\"flink\":1}"});
	httpd_on(w->server, "GET /big", &(struct httpd_answer){.stream_bytes = BIG_BYTES});
	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "bastion");
	kit_host(k, "noforward", "id_ed25519", "key", NULL);
	kit_open(k, false);
	w->forwards = forwards_new(&(struct forward_options){.loop = k->loop,
		.is_shared = is_shared,
		.idle_ms = idle_ms,
		.on_change = on_change,
		.data = w});
}

static void world_close(struct world *w)
{
	for (int i = 0; i < MANY; i++)
		asking_release(&w->asks[i]);
	http_close(w->http);
	forwards_free(w->forwards);
	httpd_stop(w->server);
}

static struct forward *open_to(struct world *w, const char *host, const char *url)
{
	struct err err = {0};
	struct forward *forward = forward_open(w->forwards, w->kit->ssh, host, url, &err);

	check_ok(url, err.code, &err);
	return forward;
}

static struct forward *open_it(struct world *w)
{
	char *url = httpd_url(w->server, "");
	struct forward *forward = open_to(w, "gw", url);

	free(url);
	return forward;
}

static void ask(struct world *w, int i, int port, const char *path)
{
	char *url = xasprintf("http://127.0.0.1:%d%s", port, path);

	asking_release(&w->asks[i]);
	asking_start(&w->asks[i], w->http,
		&(struct http_request){
			.url = url, .connect_timeout_ms = 20000, .timeout_ms = 25000});
	free(url);
}

static void settle(struct world *w)
{
	assert_true(loop_run_until_idle(w->kit->loop, ASKING_DEADLINE_MS));
}

static bool can_connect(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool is_there = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;

	close(fd);
	return is_there;
}

static void a_port_of_this_machine_only_relays_and_counts(void **state)
{
	struct kit *k = *state;
	struct world w;
	struct forward *forward;
	const struct forward_info *info;
	char *target;

	world_open(k, &w, false, 0);
	forward = open_it(&w);
	info = forward_info(forward);
	target = xasprintf("127.0.0.1:%d", httpd_port(w.server));
	check_int("nobody is connected to yet", ssh_is_up(k->ssh, "gw"), 0);
	assert_true(info->port > 0);
	assert_null(info->command);
	check_str("host", info->host, "gw");
	check_str("target", info->target, target);
	check_bool("the same again", open_it(&w) == forward, true);
	check_int("listed", (int64_t)forwards_count(w.forwards), 1);
	check_bool("listed", forwards_at(w.forwards, 0) == forward, true);
	for (int i = 0; i < 3; i++) {
		ask(&w, 0, info->port, "/config");
		settle(&w);
		check_ok("config", w.asks[0].err.code, &w.asks[0].err);
		check_int("status", w.asks[0].status, 200);
		check_str("body", w.asks[0].body, "{\"flink\":1}");
	}
	info = forward_info(forward);
	check_int("now", info->connections, 1);
	check_int("kept alive", info->total_connections, 1);
	check_bool("bytes", info->bytes_up > 100 && info->bytes_down > 100, true);
	check_bool("told", w.changes >= 2, true);
	int port = info->port;
	check_bool("there", can_connect(port), true);
	forward_close(forward);
	check_bool("closed", can_connect(port), false);
	check_int("not listed", (int64_t)forwards_count(w.forwards), 0);
	free(target);
	world_close(&w);
}

static void many_and_large_are_whole(void **state)
{
	struct kit *k = *state;
	struct world w;
	int port;

	world_open(k, &w, false, 0);
	port = forward_info(open_it(&w))->port;
	ask(&w, 0, port, "/big");
	for (int i = 1; i < MANY; i++)
		ask(&w, i, port, "/config");
	settle(&w);
	for (int i = 0; i < MANY; i++) {
		check_ok("many", w.asks[i].err.code, &w.asks[i].err);
		check_int("many", w.asks[i].status, 200);
	}
	check_int("whole", (int64_t)w.asks[0].body_len, (int64_t)BIG_BYTES);
	check_bool("at most 64",
		forward_info(forwards_at(w.forwards, 0))->connections <= FORWARD_CONNECTIONS_MAX,
		true);
	world_close(&w);
}

static void who_refuses_is_said_as_a_page(void **state)
{
	static const struct {
		const char *name, *host, *url, *says;
	} rows[] = {
		{"nobody there", "gw", "http://127.0.0.1:1", "nobody answers at that address"},
		{"forbidden", "noforward", "http://127.0.0.1:1", "forwarding is forbidden there"},
	};
	struct kit *k = *state;
	struct world w;
	struct err err = {0};

	world_open(k, &w, false, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(&w, 0, forward_info(open_to(&w, rows[i].host, rows[i].url))->port, "/");
		settle(&w);
		check_int(rows[i].name, w.asks[0].status, 502);
		check_has(rows[i].name, w.asks[0].body, rows[i].says);
		check_has(rows[i].name, w.asks[0].body, rows[i].host);
	}
	assert_null(forward_open(w.forwards, k->ssh, "nowhere", "http://jm:8081", &err));
	check_int("no such host", err.code, E_NOTFOUND);
	assert_null(forward_open(w.forwards, k->ssh, "gw", "file:///etc/passwd", &err));
	check_int("http only", err.code, E_ARG);
	world_close(&w);
}

static bool is_closed(void *data)
{
	return forwards_count(((struct world *)data)->forwards) == 0;
}

static void what_is_quiet_is_closed_with_its_connections(void **state)
{
	struct kit *k = *state;
	struct world w;
	int port;

	world_open(k, &w, false, 800);
	port = forward_info(open_it(&w))->port;
	int64_t start_ms = clock_mono_ms();
	ask(&w, 0, port, "/config");
	settle(&w);
	check_int("status", w.asks[0].status, 200);
	check_int("kept", forward_info(forwards_at(w.forwards, 0))->connections, 1);
	assert_true(asking_until(k->loop, is_closed, &w));
	check_bool("not before its time", clock_mono_ms() - start_ms >= 800, true);
	check_bool("closed", can_connect(port), false);
	world_close(&w);
}

/* A port that nobody has now. */
static int free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	getsockname(fd, (struct sockaddr *)&at, &len);
	close(fd);
	return ntohs(at.sin_port);
}

static bool is_listening(void *data)
{
	return can_connect(*(const int *)data);
}

static void on_a_shared_machine_it_is_a_socket_for_ssh(void **state)
{
	struct kit *k = *state;
	struct world w;
	const struct forward_info *info;
	struct stat file, folder;
	char *dir, *port, *way, *known, *login, *want;
	int local = free_port();
	struct program *ssh;

	world_open(k, &w, true, 0);
	info = forward_info(open_it(&w));
	check_int("no port", info->port, 0);
	check_int("there", lstat(info->listener, &file), 0);
	check_bool("a socket", S_ISSOCK(file.st_mode), true);
	check_int("mode", file.st_mode & 07777, 0600);
	dir = xstrdup(info->listener);
	*strrchr(dir, '/') = 0;
	check_int("folder", stat(dir, &folder), 0);
	check_int("mode", folder.st_mode & 07777, 0700);
	want = xasprintf("ssh -L 8081:%s ", info->listener);
	check_has("line", info->command, want);

	/* What the operator's machine does, with a port that is free here. */
	port = xasprintf("%d", sshd_port(k->servers, "gw"));
	way = xasprintf("127.0.0.1:%d:%s", local, info->listener);
	known = xasprintf("UserKnownHostsFile=%s", k->known_hosts);
	login = xasprintf("%s", "root@127.0.0.1");
	ssh = program_start(&(struct program_setup){.file = "ssh",
		.words = (const char *[]){"-N", "-F", "none", "-p", port, "-i", k->hosts[0].key,
			"-o", known, "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-L", way,
			login, NULL}});
	assert_true(asking_until(k->loop, is_listening, &local));
	ask(&w, 0, local, "/config");
	settle(&w);
	check_int("through ssh -L", w.asks[0].status, 200);
	check_str("through ssh -L", w.asks[0].body, "{\"flink\":1}");
	program_free(ssh);
	char *listener = xstrdup(info->listener);
	forward_close(forwards_at(w.forwards, 0));
	check_int("gone", lstat(listener, &file), -1);
	free(listener);
	free(dir);
	free(port);
	free(way);
	free(known);
	free(login);
	free(want);
	world_close(&w);
}

/* What SSH does is in the command log, with its results. */
static void commands_and_copies_are_logged(void **state)
{
	struct kit *k = *state;
	struct command_log *log = command_log_new(0);
	struct ending e = {0};
	struct err err = {0};
	const struct command_entry *entry;

	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	check_ok("open",
		ssh_open(&k->ssh,
			&(struct ssh_options){.loop = k->loop,
				.hosts = k->hosts,
				.host_count = 1,
				.known_hosts = k->known_hosts,
				.log = log},
			&err),
		&err);
	kit_exec(k, "bastion", "DB_PASSWORD=hunter2 sh -c 'echo abc; exit 3'", &e);
	ending_release(&e);
	ssh_get(k->ssh,
		&(struct ssh_copy_options){.host = "bastion",
			.local_path = "/tmp/weir-not-written",
			.remote_path = "/no/such/file"},
		on_end, &e);
	assert_true(kit_until(k, &e.done));
	unlink("/tmp/weir-not-written.part");
	ending_release(&e);
	check_int("count", (int64_t)command_log_count(log), 2);
	entry = command_log_at(log, 0);
	check_int("kind", entry->kind, COMMAND_EXEC);
	check_str("where", entry->where, "bastion");
	check_int("status", entry->status, 3);
	check_int("bytes", entry->bytes, 4);
	check_has("what", entry->what, "echo abc");
	assert_null(strstr(entry->what, "hunter2"));
	entry = command_log_at(log, 1);
	check_int("kind", entry->kind, COMMAND_GET);
	check_int("code", entry->code, E_NOTFOUND);
	check_has("what", entry->what, "/no/such/file -> ");
	kit_close(k);
	command_log_free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_port_of_this_machine_only_relays_and_counts, kit_clear),
		cmocka_unit_test_teardown(many_and_large_are_whole, kit_clear),
		cmocka_unit_test_teardown(who_refuses_is_said_as_a_page, kit_clear),
		cmocka_unit_test_teardown(what_is_quiet_is_closed_with_its_connections, kit_clear),
		cmocka_unit_test_teardown(on_a_shared_machine_it_is_a_socket_for_ssh, kit_clear),
		cmocka_unit_test_teardown(commands_and_copies_are_logged, kit_clear),
	};

	check_locale();
	return cmocka_run_group_tests(tests, kit_up, kit_down);
}
