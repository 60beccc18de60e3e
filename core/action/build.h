/* The steps checkout · command · artifact of build and ship. */
#ifndef WEIR_ACTION_BUILD_H
#define WEIR_ACTION_BUILD_H

#include "core/action/action_internal.h"

extern const struct part part_build;

/* The host as ssh.h wants it: NULL for this machine. */
const char *host_or_local(const char *name);
/* For people: "local" for this machine. */
const char *host_label(const char *name);
/* E_CONFIG: `what` names a host that the configuration does not have. */
int host_check(
	const struct action_options *options, const char *what, const char *name, struct err *err);

#endif
