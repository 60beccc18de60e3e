/*
 * What a REST address may look like. A check of shape only, so that a slip is found in the file and
 * not in a failed request; nothing is resolved.
 */
#include "core/config/config.h"

#include <string.h>
#include <strings.h>

#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/config/parts.h"

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '.' || c == '-' || c == '_';
}

static const char *port_problem(const char *port, size_t len)
{
	long value = 0;

	if (!len)
		return N_("no port after the ':'");
	for (size_t i = 0; i < len; i++) {
		if (port[i] < '0' || port[i] > '9')
			return N_("the port is not a number");
		value = value > 65535 ? value : value * 10 + (port[i] - '0');
	}
	return value < 1 || value > 65535 ? N_("the port is not from 1 to 65535") : NULL;
}

static const char *host_problem(const char *host, size_t len)
{
	size_t end = 0;

	if (len && host[0] == '[') {
		end = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
		if (end < len && host[end] == '%') /* the zone: an interface */
			for (end++; end < len && (host[end] == '%' || is_host_char(host[end]));
				end++)
				;
		if (end < 4 || end >= len || host[end] != ']')
			return N_("not an IPv6 address in []");
		end++;
	} else {
		while (end < len && is_host_char(host[end]))
			end++;
	}
	if (!end)
		return N_("no host");
	if (end == len)
		return NULL;
	if (host[end] != ':')
		return N_("a character that no host name has");
	return port_problem(host + end + 1, len - end - 1);
}

static const char *problem_of(const char *url)
{
	const char *host, *problem;
	size_t len;

	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return N_("a blank, or a character that no address has");
	if (!strncasecmp(url, "http://", 7))
		host = url + 7;
	else if (!strncasecmp(url, "https://", 8))
		host = url + 8;
	else
		return N_("it does not start with http:// or https://");
	len = strcspn(host, "/?#");
	if (memchr(host, '@', len))
		return N_("a user or password in an address would end up in logs");
	problem = host_problem(host, len);
	if (problem)
		return problem;
	return strpbrk(host + len, "?#") ? N_("'?' and '#' have no place in a base address") : NULL;
}

const char *config_rest_problem(const char *url)
{
	const char *problem = problem_of(url);

	return problem ? _(problem) : NULL;
}

const char *proxy_problem(const char *proxy)
{
	const char *host = strstr(proxy, "://"), *problem;
	size_t len;

	if (str_eq(proxy, "none") || str_eq(proxy, "env"))
		return NULL;
	if (strncasecmp(proxy, "http://", 7) != 0 && strncasecmp(proxy, "socks5h://", 10) != 0)
		return _("it is none of them");
	host += 3;
	if (strchr(host, '@'))
		return _("a user or password in an address would end up in logs");
	len = rest_trim(host);
	problem = host_problem(host, len);
	if (problem)
		return _(problem);
	if (!strchr(host + (*host == '[' ? strcspn(host, "]") : 0), ':'))
		return _("it has no port");
	return NULL;
}

size_t rest_trim(const char *url)
{
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	return len;
}
