/*
 * config.yaml → structs (the design's section 6). Every mistake is E_CONFIG with file:line:column;
 * an unknown key names the nearest known one. Nothing is read but this file (clusters.csv too, when
 * named). What refers to something by name (current-context, jump, via, host, flink-env) refers to
 * what is there.
 *
 * Relative paths are taken from the folder of the file; "~/" is the home folder. A clusters.csv has
 * a header line with the same names as a cluster has keys, in any order:
 * name,type,rest,via,flink-env; several addresses in one field are parted by blanks; empty lines
 * and lines that start with '#' are skipped.
 *
 * Blocking: on the worker or at start.
 */
#ifndef WEIR_CONFIG_CONFIG_H
#define WEIR_CONFIG_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

enum cluster_type { CLUSTER_STANDALONE, CLUSTER_YARN, CLUSTER_KUBERNETES, CLUSTER_TYPE_MAX };
extern const char *const cluster_type_words[]; /* "standalone", "yarn", "kubernetes", NULL */

enum confirm_mode { CONFIRM_YES, CONFIRM_NAME, CONFIRM_NONE, CONFIRM_MODE_MAX };

enum bell_mode { BELL_OFF, BELL_SOUND, BELL_FLASH, BELL_MODE_MAX };
extern const char *const bell_words[]; /* "off", "bell", "flash", NULL */

enum ssh_transport { TRANSPORT_LIBSSH2, TRANSPORT_OPENSSH, TRANSPORT_MAX };

#define CONFIG_BUDGET_DEFAULT 200
#define CONFIG_KEEP_RELEASES_DEFAULT 5
#define CONFIG_HISTORY_DAYS_DEFAULT 14
#define CONFIG_DAY_MS ((int64_t)24 * 3600 * 1000)
#define CONFIG_HISTORY_BYTES_DEFAULT ((int64_t)512 << 20)
#define CONFIG_LOOP_RESTARTS_DEFAULT 3
#define CONFIG_LOOP_MINUTES_DEFAULT 10

/*
 * Where a secret comes from: one of three, or none (place NULL). It is fetched when it is needed, so
 * what is wrong with it is told then, with the place.
 */
struct secret_config {
	json_t *command; /* the words of a program that prints it; its first line counts */
	char *env;       /* name of an environment variable */
	char *file;      /* absolute; for nobody but its owner (0600) */
	char *place;     /* "config.yaml:12:40" */
};

/* Of https:// addresses. Files are PEM; paths absolute, or NULL with their places. */
struct tls_config {
	char *ca;                        /* instead of the system's */
	char *cert, *key;                /* who we are; both or none; the key may be in cert */
	struct secret_config passphrase; /* of the key */
	char *ca_place, *cert_place, *key_place;
	bool insecure; /* anybody's certificate is taken */
};

/* Who we say we are; secret.place NULL = nobody. */
struct auth_config {
	char *user;                  /* basic; NULL = a bearer token */
	struct secret_config secret; /* password, or token */
};

struct cluster_config {
	char *name;
	int type;                  /* enum cluster_type */
	json_t *rest;              /* array of URLs without a trailing slash, at least one */
	char *via;                 /* host name, or NULL */
	char *flink_env;           /* or NULL */
	int64_t budget_per_second; /* requests; 0 = budget_per_cluster of its context */
	/* Where its ended jobs are known; at most one of both. A folder, absolute: NULL = none; of
	 * this machine when archive_host is NULL. A HistoryServer's base URL, or NULL. */
	char *archive_dir, *archive_host, *history_server;
	struct tls_config tls;
	struct auth_config auth;
};

struct host_config {
	char *name, *address;
	/*
	 * NULL = as ssh's own configuration says (`ssh -G -- address`, at the first connection); the
	 * same for port 0, key NULL, jump NULL. What it says of the address (HostName) holds too.
	 */
	char *user;
	char *jump;    /* name of the host to go through, or NULL; never in a circle */
	char *key;     /* absolute path of a private key */
	int transport; /* enum ssh_transport */
	/* array of "agent" "key" "password" "otp" "gssapi", in order; NULL = the usual */
	json_t *auth;
	int64_t port;
};

struct flink_env_config {
	char *name, *home;
	char *host;        /* NULL = this machine ("local") */
	char *sql_gateway; /* base URL without a trailing slash, as seen from `host`; or NULL */
};

struct context_config {
	char *name;
	char *workspace; /* absolute path, or NULL */
	bool readonly;
	int confirm; /* enum confirm_mode */
	/* For clusters that are not behind a host: "http://proxy:3128", "socks5h://proxy:1080", "env"
	 * (http_proxy and its kin), or NULL. */
	char *proxy;
	int64_t budget_per_second;  /* requests, of all its clusters together */
	int64_t budget_per_cluster; /* of each; as much where nothing is said */
	json_t *variables;          /* object of strings, or NULL */
	/* Where releases lie on the host of their Flink env; NULL = a folder of weir's own there.
	 * Absolute, or relative to the home folder. */
	char *release_dir;
	char *known_hosts;     /* absolute path; NULL = ~/.ssh/known_hosts */
	int64_t keep_releases; /* of each application, the active one included */
	struct {
		int64_t kept_ms, bytes; /* bytes: of the file that also holds it */
	} history;                      /* what is remembered, at most */
	struct {
		int64_t restarts, minutes;
	} loop; /* so many restarts within so many minutes */
	struct cluster_config *clusters;
	size_t cluster_count;
	struct host_config *hosts;
	size_t host_count;
	struct flink_env_config *flink_envs;
	size_t flink_env_count;
};

struct config {
	char *path;    /* where it came from; NULL when there is no file */
	char *current; /* a context that exists; NULL: there are several and none is named */
	char *theme;   /* name or path; NULL = by the terminal's background */
	bool mouse;    /* clicks and the wheel are the console's */
	int bell;      /* enum bell_mode: when something needs attention */
	enum clipboard { CLIPBOARD_TERMINAL, CLIPBOARD_FILE } clipboard; /* where a copy goes */
	struct context_config *contexts;
	size_t context_count;
};

/* E_NOTFOUND when there is no file at `path`. */
int config_read(struct config **out, const char *path, struct err *err);
/* The same from text; `path` only names it, and {csv: ...} is an error. For tests and fuzzing. */
int config_parse(
	struct config **out, const char *path, const char *text, size_t len, struct err *err);
/*
 * Can this be a REST address: http or https, a host, a port in range, no credentials (they would
 * end up in logs), no query? NULL = yes, else what is wrong, in the user's language, static. For
 * --rest and the file.
 */
const char *config_rest_problem(const char *url);
/*
 * No file: one context "default" with one cluster for each URL, named by its host:port ("-2" behind
 * it where that is taken). The URLs have passed config_rest_problem(); the same one twice is one
 * cluster.
 */
struct config *config_from_rest(const char *const *urls, size_t count);
void config_free(struct config *config); /* NULL-safe */
/* NULL name = the current context. E_CONFIG with the known names. Borrowed from config. */
int config_context(const struct config *config, const char *name, const struct context_config **out,
	struct err *err);
/* $WEIR_CONFIG, or $XDG_CONFIG_HOME/weir/config.yaml. malloc'd. */
char *config_default_path(void);
/* The whole as a tree with secrets masked: for `weir config view`. Owned. */
json_t *config_to_json(const struct config *config);

#endif
