/*
 * The folder of this process's Unix sockets: 0700, in $XDG_RUNTIME_DIR or /tmp, its name short
 * enough for a socket's path. It is locked as long as the process lives, so that the next one can
 * tell what a killed one left, and removes it.
 */
#ifndef WEIR_NET_SOCKET_DIR_H
#define WEIR_NET_SOCKET_DIR_H

#include "core/base/err.h"
#include "core/loop/loop.h"

struct socket_dir {
	char *path; /* NULL = not made */
	int fd;     /* holds the lock */
};

/* Makes it, and lets the pool sweep; at once 0 when it is made already. E_INTERNAL */
int socket_dir_make(struct socket_dir *dir, struct loop *loop, struct err *err);
/* The sockets in it are gone already. */
void socket_dir_remove(struct socket_dir *dir);

#endif
