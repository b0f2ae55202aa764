/* server_rig.h - a server that has been asked, and what it says */
#ifndef SERVER_RIG_H
#define SERVER_RIG_H

#include <tunnel.h>

/* A request but for the end of its head. */
#define SERVER_HEAD "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n"

/* One that has read this head, to its end, and found no fault. */
struct tunnel_server *server_asked(const char *head);

/* The reply that waits, as a string. */
const char *server_reply_of(struct tunnel_server *s);

/* The refusal for this error is complete, framed, and says that it closes. */
void server_check_refusal(struct tunnel_server *s, int error);

#endif
