/* request.h - the head of a CONNECT request, as it will be sent.  For
 * client. */
#ifndef TNL_REQUEST_H
#define TNL_REQUEST_H

#include <tunnel/authority.h>

#include "core/buf.h"

struct tnl_request {
	struct tnl_buf extra;           /* the application's fields */
	struct tnl_buf basic;           /* "Basic ...", NUL; or empty */
	char host[TUNNEL_HOST_MAX];
	unsigned port;                  /* 0: no target yet */
	int own;                        /* fields of the application's own */
};

void tnl_request_init(struct tnl_request *r, const struct tunnel_alloc *a);
void tnl_request_free(struct tnl_request *r);

/* The setters of tunnel/client.h. */
int tnl_request_target(struct tnl_request *r, const char *host,
    unsigned port);
int tnl_request_field(struct tnl_request *r, const char *name,
    const char *value);
int tnl_request_basic(struct tnl_request *r, const char *user,
    const char *password);

/* Append the head to out: 0 or an error. */
int tnl_request_write(const struct tnl_request *r, struct tnl_buf *out);

#endif
