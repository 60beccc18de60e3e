/*
 * Nearly each URL that is asked is plain ("http://10.0.0.7:8081/jobs/overview"), and then libcurl's reading
 * of it is known without libcurl, which takes a hundred times as long and is asked again when the request
 * goes. Whatever might be read in two ways (a user, an escape, a bracket, a number that means an address) is
 * not plain.
 */
#include <string.h>

#include "core/net/http_text.h"

#define LENGTH_MAX 1024
#define NAME_MAX_LEN 253

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number as libcurl would write it: no sign, no leading zero. Returns its length; 0 = it is none. */
static size_t number(const char *text, int most, int *value)
{
	size_t len = 0;

	*value = 0;
	while (is_digit(text[len]) && *value <= most)
		*value = *value * 10 + (text[len++] - '0');
	return *value > most || (len > 1 && *text == '0') ? 0 : len;
}

/* Four numbers. */
static size_t address(const char *text)
{
	size_t len = 0, used;
	int value;

	for (int i = 0; i < 4; i++) {
		used = number(text + len, 255, &value);
		if (!used || (i < 3 && text[len + used] != '.'))
			return 0;
		len += used + (i < 3);
	}
	return len;
}

/* Parts of small letters, digits and '-'; with a letter that no number has, not even 0x7f000001. */
static size_t name(const char *text)
{
	bool has_letter = false;
	size_t len = 0;

	for (;; len++) {
		char c = text[len];

		if (c >= 'a' && c <= 'z')
			has_letter = has_letter || (c > 'f' && c != 'x');
		else if (c == '.' ? !len || text[len - 1] == '.' : !is_digit(c) && c != '-')
			break;
	}
	return has_letter && text[len - 1] != '.' && *text != '-' ? len : 0;
}

bool http_url_is_plain(const char *url, const char **host, size_t *host_len, int *port)
{
	bool is_tls = strncmp(url, "https://", 8) == 0;
	const char *at = url + (is_tls ? 8 : 7);
	size_t len;
	int number_of = is_tls ? 443 : 80;

	if ((!is_tls && strncmp(url, "http://", 7) != 0) || strnlen(url, LENGTH_MAX) == LENGTH_MAX)
		return false;
	len = address(at);
	if (!len || (at[len] != ':' && at[len] != '/' && at[len]))
		len = name(at);
	if (!len || len > NAME_MAX_LEN)
		return false;
	*host = at;
	*host_len = len;
	at += len;
	if (*at == ':') {
		size_t used = number(at + 1, 65535, &number_of);
		if (!used || !number_of)
			return false;
		at += 1 + used;
	}
	*port = number_of;
	if (*at && *at != '/')
		return false;
	for (; *at; at++) {
		bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
		if (!is_letter && !is_digit(*at) && !strchr("/-._?=&", *at))
			return false;
	}
	return true;
}
