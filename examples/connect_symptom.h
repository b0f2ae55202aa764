/* connect_symptom.h - what a proxy does, as the doctor shows it */
#ifndef CONNECT_SYMPTOM_H
#define CONNECT_SYMPTOM_H

#include "connect_config.h"

/* It wants a login, which is answered: on the same connection or, when flags
 * has RECONNECT, on a new one. */
void symptom_asked(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int flags);

/* It has opened the tunnel. */
void symptom_opened(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl);

/* It has not; as report_failure. */
void symptom_failed(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int error, const char *sent, size_t n);

#endif
