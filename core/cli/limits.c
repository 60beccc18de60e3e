#include "core/cli/limits.h"

#include <sys/resource.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/cli/session.h"
#include "core/net/http_room.h"
#include "core/net/tunnel.h"

/* What core/net/http_room.c keeps from connections that wait for their next poll. */
#define SPARE (HTTP_ROOM_OTHERS + 2 * HTTP_IN_FLIGHT + 2 * HTTP_SHARDS)
/* Of a host: its tunnels, and what its connection takes. */
#define HOST (TUNNEL_CHANNELS_MAX + 8)

/* Ten thousand JobManagers need as many descriptors. */
void open_files_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

struct open_files open_files_of(const struct session *session)
{
	struct open_files files = {.limit = -1, .need = SPARE};
	struct rlimit limit;

	for (size_t i = 0; session && i < session->context_count; i++) {
		const struct context_config *config = session->contexts[i].config;

		files.need += (int64_t)config->cluster_count;
		files.need += (int64_t)config->host_count * HOST;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		files.limit = (int64_t)limit.rlim_cur;
	return files;
}

bool open_files_tell(const struct session *session, struct buf *out)
{
	struct open_files files = open_files_of(session);
	bool is_low = files.limit >= 0 && files.limit < files.need;

	if (is_low)
		buf_addf(out,
			_("weir may have %lld files open (ulimit -Hn), and about %lld would keep a "
			  "connection to each JobManager: idle ones are closed, polls take longer"),
			(long long)files.limit, (long long)files.need);
	return is_low;
}
