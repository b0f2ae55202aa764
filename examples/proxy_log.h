/* proxy_log.h - the access log: a line for each tunnel */
#ifndef PROXY_LOG_H
#define PROXY_LOG_H

#include <tunnel.h>

/* Open it ("-" is standard output, NULL none), as json or with methods or not;
 * again to open it anew: 0, or -1 after having said why, and then it is as it
 * was. */
int log_open(const char *path, int json, int methods);
void log_close(void);

/* Is there a place for it: 0, or -1 after having said why not. */
int log_check(const char *path);

/* A session has ended.  From any thread. */
void log_session(const struct tunnel_session *s);

/* How a session came out: "ok", or the token of RFC 9209 for its error. */
const char *log_outcome(const struct tunnel_session *s);

#endif
