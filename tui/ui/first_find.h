/* Where Flink's own configuration says that its JobManager is, for those who have none of weir's yet. */
#ifndef WEIR_TUI_FIRST_FIND_H
#define WEIR_TUI_FIRST_FIND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Of the text of a flink-conf.yaml (1.x: lines, no YAML in the strict sense) or a config.yaml (2.x): rest.address
 * (else jobmanager.rpc.address), rest.port and security.ssl.rest.enabled. malloc'd; NULL = it names no address.
 */
char *first_find_parse(const char *text, size_t len);
/* In $FLINK_CONF_DIR, else $FLINK_HOME/conf. Blocking. malloc'd; NULL = there is none. */
char *first_find(void);

#endif
