/* REST through one and two hosts on real sshd: keep-alive, names, many at once, refusals, no port.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/net/http.h"
#include "core/net/tunnel.h"
#include "tests/core/net/ssh_kit.h"
#include "tests/support/asking.h"
#include "tests/support/httpd.h"

#define MANY 100
#define BIG_BYTES ((size_t)5 << 20)

struct world {
	struct http *http;
	struct httpd *server;
	struct asking asks[MANY];
	const char *proxy, *via;
};

static int transport; /* of all hosts: each case runs on both ways */

static void world_open(struct kit *k, struct world *w, const char *host)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	check_ok("http_open", http_open(&w->http, k->loop, NULL, &err), &err);
	w->server = httpd_start("127.0.0.1");
	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "bastion");
	kit_host(k, "noforward", "id_ed25519", "key", NULL);
	for (size_t i = 0; i < k->host_count; i++)
		k->hosts[i].transport = transport;
	kit_open(k, false);
	w->via = host;
	w->proxy = tunnel_proxy(k->ssh, host, &err);
	check_ok("tunnel_proxy", err.code, &err);
}

static void world_close(struct world *w)
{
	for (int i = 0; i < MANY; i++)
		asking_release(&w->asks[i]);
	http_close(w->http);
	httpd_stop(w->server);
}

static void ask(struct world *w, int i, const char *url)
{
	asking_start(&w->asks[i], w->http,
		&(struct http_request){.url = url,
			.proxy = w->proxy,
			.via = w->via,
			.connect_timeout_ms = 20000,
			.timeout_ms = 25000});
}

static void settle(struct kit *k)
{
	assert_true(loop_run_until_idle(k->loop, ASKING_DEADLINE_MS));
}

/* Is the socket of this number one of this process? */
static bool is_ours(unsigned long inode)
{
	DIR *fds = opendir("/proc/self/fd");
	char want[64], path[300], link[64];
	bool is = false;

	assert_non_null(fds);
	snprintf(want, sizeof(want), "socket:[%lu]", inode);
	for (const struct dirent *entry; !is && (entry = readdir(fds));) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n > 0) {
			link[n] = 0;
			is = str_eq(link, want);
		}
	}
	closedir(fds);
	return is;
}

/* Sockets of this process that listen on a port, as the kernel lists them. */
static int listening(void)
{
	static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	int count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		FILE *table = fopen(tables[i], "r");
		char line[512];

		while (table && fgets(line, sizeof(line), table)) {
			char state[3] = "";
			unsigned long inode = 0;

			if (sscanf(line, "%*d: %*s %*s %2s %*s %*s %*s %*s %*s %lu", state,
				    &inode) == 2 &&
				str_eq(state, "0A"))
				count += is_ours(inode);
		}
		if (table)
			fclose(table);
	}
	return count;
}

static void through_two_hosts_kept_alive_and_no_port_opened(void **state)
{
	struct kit *k = *state;
	struct world w;
	struct stat info;
	char *url, *by_name, *folder;
	int before;

	world_open(k, &w, "gw");
	before = listening();
	assert_true(before > 0); /* the test's own server: the count works */
	httpd_on(w.server, "GET /overview", &(struct httpd_answer){.body = "{\"slots\":4}"});
	url = httpd_url(w.server, "/overview");
	by_name = xasprintf("http://localhost:%d/overview", httpd_port(w.server));
	for (int i = 0; i < 5; i++) {
		ask(&w, i, i == 4 ? by_name : url);
		settle(k);
		check_ok("through", w.asks[i].err.code, &w.asks[i].err);
		check_str("body", w.asks[i].body, "{\"slots\":4}");
	}
	check_int("connections: one, and one for the name", httpd_counts(w.server).connections, 2);
	check_int("ports that listen", listening(), before);
	folder = xstrdup(w.proxy + strlen("socks5h://localhost"));
	*strrchr(folder, '/') = 0;
	check_int("folder", stat(folder, &info), 0);
	check_int("mode", info.st_mode & 0777, 0700);
	world_close(&w);
	ssh_close(k->ssh);
	k->ssh = NULL;
	check_int("nothing stays behind", stat(folder, &info), -1);
	free(folder);
	free(url);
	free(by_name);
}

static void a_hundred_at_once_and_a_large_one(void **state)
{
	struct kit *k = *state;
	struct world w;
	char *url, *big;

	world_open(k, &w, "gw");
	httpd_on(w.server, "GET /big", &(struct httpd_answer){.stream_bytes = BIG_BYTES});
	httpd_on(w.server, "*", &(struct httpd_answer){.body = "ok"});
	url = httpd_url(w.server, "/x");
	big = httpd_url(w.server, "/big");
	ask(&w, 0, big);
	for (int i = 1; i < MANY; i++)
		ask(&w, i, url);
	settle(k);
	for (int i = 0; i < MANY; i++) {
		check_ok("many", w.asks[i].err.code, &w.asks[i].err);
		check_int("many", w.asks[i].status, 200);
	}
	check_int("whole", (int64_t)w.asks[0].body_len, (int64_t)BIG_BYTES);
	check_bool("at most 64", httpd_counts(w.server).open_now <= TUNNEL_CHANNELS_MAX, true);
	world_close(&w);
	free(url);
	free(big);
}

/* More hosts than channels: kept connections make room, and nobody is refused. */
static void the_least_recently_used_makes_room(void **state)
{
	struct kit *k = *state;
	struct world w;
	struct httpd *all = httpd_start("0.0.0.0");

	world_open(k, &w, "bastion");
	httpd_on(all, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < MANY; i++) {
		char *url = xasprintf("http://127.0.1.%d:%d/", i + 1, httpd_port(all));
		ask(&w, i, url);
		settle(k);
		check_ok(url, w.asks[i].err.code, &w.asks[i].err);
		check_str(url, w.asks[i].body, "ok");
		free(url);
	}
	check_bool("at most 64", httpd_counts(all).open_now <= TUNNEL_CHANNELS_MAX, true);
	world_close(&w);
	httpd_stop(all);
}

static void refusals_say_who_refused(void **state)
{
	struct kit *k = *state;
	struct world w;
	struct err err = {0};
	char *url;

	world_open(k, &w, "gw");
	ask(&w, 0, "http://127.0.0.1:1/jobs");
	ask(&w, 1, "http://no-such-name.invalid:8081/jobs");
	settle(k);
	check_err(
		"port", w.asks[0].err.code, &w.asks[0].err, E_NET, "host gw cannot connect to it");
	check_err(
		"name", w.asks[1].err.code, &w.asks[1].err, E_NET, "host gw cannot connect to it");
	w.via = NULL;
	w.proxy = tunnel_proxy(k->ssh, "noforward", &err);
	url = httpd_url(w.server, "/x");
	ask(&w, 2, url);
	settle(k);
	if (transport == TRANSPORT_LIBSSH2)
		check_err("forbidden", w.asks[2].err.code, &w.asks[2].err, E_DENIED,
			"AllowTcpForwarding");
	else /* whose master does not tell why */
		check_err("forbidden", w.asks[2].err.code, &w.asks[2].err, E_NET,
			"the host that it lies behind cannot connect to it");
	assert_null(tunnel_proxy(k->ssh, "nowhere", &err));
	check_int("no host", err.code, E_NOTFOUND);
	world_close(&w);
	free(url);
}

static void a_link_cut_in_the_middle_fails_that_one_and_the_next_is_fine(void **state)
{
	struct kit *k = *state;
	struct world w;
	char *url, *silent;

	world_open(k, &w, "gw");
	httpd_on(w.server, "GET /silent", &(struct httpd_answer){.fault = HTTPD_SILENT});
	httpd_on(w.server, "*", &(struct httpd_answer){.body = "ok"});
	url = httpd_url(w.server, "/x");
	silent = httpd_url(w.server, "/silent");
	ask(&w, 0, silent);
	for (int64_t until = clock_mono_ms() + DEADLINE_MS;
		!httpd_requests(w.server, "GET /silent") && clock_mono_ms() < until;)
		loop_turn(k->loop, 50);
	sshd_do(k->servers, "cut", "gw");
	settle(k);
	check_int("cut", w.asks[0].err.code, E_NET);
	ask(&w, 1, url);
	settle(k);
	check_ok("next", w.asks[1].err.code, &w.asks[1].err);
	check_str("next", w.asks[1].body, "ok");
	world_close(&w);
	free(url);
	free(silent);
}

static struct kit *kit;

static int up(void **state)
{
	int rc = kit_up(state);

	kit = *state;
	*state = NULL; /* a group's state comes before a case's own */
	return rc;
}

static int down(void **state)
{
	*state = kit;
	return kit_down(state);
}

/* Of each case, whose state is its way. */
static int begin(void **state)
{
	transport = *(const int *)*state;
	*state = kit;
	return 0;
}

#define BOTH_WAYS(f)                                                                               \
	{"libssh2: " #f, f, begin, kit_clear, &ways[0]},                                           \
	{                                                                                          \
		"openssh: " #f, f, begin, kit_clear, &ways[1]                                      \
	}

int main(void)
{
	static int ways[] = {TRANSPORT_LIBSSH2, TRANSPORT_OPENSSH};
	const struct CMUnitTest tests[] = {
		BOTH_WAYS(through_two_hosts_kept_alive_and_no_port_opened),
		BOTH_WAYS(a_hundred_at_once_and_a_large_one),
		BOTH_WAYS(the_least_recently_used_makes_room),
		BOTH_WAYS(refusals_say_who_refused),
		BOTH_WAYS(a_link_cut_in_the_middle_fails_that_one_and_the_next_is_fine),
	};

	check_locale();
	return cmocka_run_group_tests(tests, up, down);
}
