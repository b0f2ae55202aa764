/* link.h - what floor 5 needs of a link besides its public calls. */
#ifndef TNL_LINK_H
#define TNL_LINK_H

#include <tunnel/link.h>

/* As tunnel_link_fd(3), for a socket that tnl_socket_tune() has seen. */
void tnl_link_socket(struct tunnel_link *l, int fd);

#endif
