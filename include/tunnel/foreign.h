/* tunnel/foreign.h - what other languages lack for want of a C compiler
 *
 * Everything else in these headers is for them as it stands: plain functions,
 * int, unsigned, size_t, uint64_t and pointers; no macro is needed.  The
 * enumerations can be had from the library itself, so that a binding need not
 * copy them, or can test its copies; and random bytes without a callback.
 */
#ifndef TUNNEL_FOREIGN_H
#define TUNNEL_FOREIGN_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The value of a constant of the headers, by its whole name, "TUNNEL_OPEN".
 * Returns 0, or TUNNEL_EINVAL with *value as it was: there is no such name. */
int tunnel_constant(const char *name, int *value);

/* Name of the i-th constant (from 0, in the order of strcmp), static, with its
 * value in *value unless that is NULL; NULL past the last. */
const char *tunnel_constant_at(size_t i, int *value);

/* Fill out with n bytes of the system's that nobody can foresee: 0, or
 * TUNNEL_EIO.  It is what tunnel_client_random(3) wants, with ud of no
 * account. */
int tunnel_random(void *ud, void *out, size_t n);

#ifdef __cplusplus
}
#endif
#endif
