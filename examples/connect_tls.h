/* connect_tls.h - openssl(1) as the connection to an https:// proxy */
#ifndef CONNECT_TLS_H
#define CONNECT_TLS_H

#include "connect_config.h"
#include "connect_helper.h"

/* Start it: 0, or an exit status after having said why. */
int tls_start(const struct config *c, struct helper *h);

/* For the doctor: wait until TLS stands, or openssl has ended. */
void tls_await(const struct config *c, struct helper *h, uint64_t deadline);

/* It has ended, and why: say so; the exit status. */
int tls_failed(const struct config *c, const struct helper *h);

/* The telling part of what it said, or "". */
void tls_said(const struct helper *h, char *out, size_t cap);

#endif
