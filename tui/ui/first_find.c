/*
 * Both kinds of file are read by one reader of lines: "key: value" at the margin, and in config.yaml also keys
 * inside one another by their indentation. Quotes around a value and comments behind it are taken off. What is
 * more than that (flow style, anchors) is not understood, and then nothing is found.
 */
#include "tui/ui/first_find.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define FILE_BYTES ((size_t)1 << 20)
#define DEPTH 8
#define KEY_BYTES 256

struct found {
	char *address, *rpc_address, *port;
	bool is_tls;
};

static void take(struct found *found, const char *key, const char *value)
{
	char **to = str_eq(key, "rest.address")         ? &found->address
		: str_eq(key, "jobmanager.rpc.address") ? &found->rpc_address
		: str_eq(key, "rest.port")              ? &found->port
							: NULL;

	if (str_eq(key, "security.ssl.rest.enabled"))
		found->is_tls = str_eq(value, "true");
	if (!to)
		return;
	free(*to);
	*to = xstrdup(value);
}

/* "'a' # b" → "a", in place. */
static char *clean(char *value)
{
	size_t len;

	value += strspn(value, " \t");
	if (*value == '"' || *value == '\'') {
		char *end = strchr(value + 1, *value);
		if (end)
			*end = '\0';
		return value + 1;
	}
	if (strstr(value, " #"))
		*strstr(value, " #") = '\0';
	len = strcspn(value, "\r");
	while (len && strchr(" \t", value[len - 1]))
		len--;
	value[len] = '\0';
	return value;
}

/* The keys around a line, by their indentation. */
struct outer {
	size_t indents[DEPTH];
	char *keys[DEPTH];
	size_t depth;
};

static void outer_leave(struct outer *outer, size_t indent)
{
	while (outer->depth && outer->indents[outer->depth - 1] >= indent)
		free(outer->keys[--outer->depth]);
}

static void read_line(struct found *found, struct outer *outer, char *line)
{
	size_t indent = strspn(line, " ");
	char *colon, *value;

	line += indent;
	colon = strchr(line, ':');
	if (!colon || *line == '#' || *line == '-')
		return;
	*colon = '\0';
	value = clean(colon + 1);
	outer_leave(outer, indent);
	if (!*value || *value == '#') {
		if (outer->depth == DEPTH)
			return;
		outer->indents[outer->depth] = indent;
		outer->keys[outer->depth++] = xstrdup(line);
		return;
	}
	struct buf whole;
	buf_init(&whole, KEY_BYTES);
	for (size_t i = 0; i < outer->depth; i++)
		buf_addf(&whole, "%s.", outer->keys[i]);
	buf_adds(&whole, line);
	take(found, buf_str(&whole), value);
	buf_release(&whole);
}

/* Who listens everywhere is asked here. */
static bool is_everywhere(const char *address)
{
	return str_eq(address, "0.0.0.0") || str_eq(address, "::");
}

char *first_find_parse(const char *text, size_t len)
{
	struct found found = {0};
	struct outer outer = {0};
	char *copy = xstrndup(text, len), *rest = copy, *url = NULL;
	const char *address;

	for (char *line; (line = strsep(&rest, "\n"));)
		read_line(&found, &outer, line);
	outer_leave(&outer, 0);
	address = str_empty(found.address) ? found.rpc_address : found.address;
	if (!str_empty(address))
		url = xasprintf("%s://%s:%s", found.is_tls ? "https" : "http",
			is_everywhere(address) ? "localhost" : address,
			str_empty(found.port) ? "8081" : found.port);
	free(found.address);
	free(found.rpc_address);
	free(found.port);
	free(copy);
	return url;
}

char *first_find(void)
{
	static const char *const names[] = {"config.yaml", "flink-conf.yaml"};
	const char *dir = getenv("FLINK_CONF_DIR"), *home = getenv("FLINK_HOME");
	char *folder = !str_empty(dir) ? xstrdup(dir)
		: !str_empty(home)     ? xasprintf("%s/conf", home)
				       : NULL;
	char *url = NULL;

	for (size_t i = 0; folder && !url && i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", folder, names[i]);
		struct buf text;
		struct err err;

		buf_init(&text, FILE_BYTES);
		if (!file_read(path, &text, &err))
			url = first_find_parse(buf_str(&text), text.len);
		buf_release(&text);
		free(path);
	}
	free(folder);
	return url;
}
