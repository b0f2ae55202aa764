/* listener.h - where clients come in.  For worker. */
#ifndef TNL_LISTENER_H
#define TNL_LISTENER_H

#include <stddef.h>

/* Bytes of an address as tunnel_proxy_listen(3) takes it. */
enum { TNL_WHERE_MAX = 300 };

/* Is it a place to listen at? */
int tnl_listener_valid(const char *where);

/* Open a listening socket that does not block; share lets others listen at the
 * same address and port.  -1, and why is said in reason. */
int tnl_listener_open(const char *where, int share, char *reason, size_t cap);

/* What it listens at, as text of at most TNL_WHERE_MAX bytes. */
void tnl_listener_name(const char *where, int fd, char out[TNL_WHERE_MAX]);

/* One more at the place where fd, opened for that text, listens already; on its
 * own queue where the system can (SO_REUSEPORT), else on the same.  -1 with
 * errno. */
int tnl_listener_again(const char *where, int fd);

/* Close it; the last one of a place takes the place away, too. */
void tnl_listener_close(const char *where, int fd, int last);

#endif
