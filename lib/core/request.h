/* request.h - the head of a CONNECT request, as it will be sent.  For
 * client. */
#ifndef TNL_REQUEST_H
#define TNL_REQUEST_H

#include <tunnel/authority.h>

#include "core/buf.h"

struct tnl_request {
	struct tnl_buf extra;           /* the application's fields */
	char host[TUNNEL_HOST_MAX];
	unsigned port;                  /* 0: no target yet */
	int own_connection, own_credentials; /* fields of the application's */
};

void tnl_request_init(struct tnl_request *r, const struct tunnel_alloc *a);
void tnl_request_free(struct tnl_request *r);

/* The setters of tunnel/client.h. */
int tnl_request_target(struct tnl_request *r, const char *host,
    unsigned port);
int tnl_request_field(struct tnl_request *r, const char *name,
    const char *value);

/* The target in authority-form. */
enum { TNL_TARGET_MAX = TUNNEL_HOST_MAX + 8 };
int tnl_request_authority(const struct tnl_request *r,
    char out[TNL_TARGET_MAX]);

/* Append the head to out, with these credentials (NULL: none): 0 or an
 * error. */
int tnl_request_write(const struct tnl_request *r, const char *credentials,
    struct tnl_buf *out);

#endif
