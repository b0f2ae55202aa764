/* connect_report.h - what went wrong with a proxy, and what to do about it */
#ifndef CONNECT_REPORT_H
#define CONNECT_REPORT_H

#include "connect_config.h"

/* Show the head of the request or of the reply, credentials and what was given
 * with -H blotted out. */
void report_request(const struct config *c, const char *head, size_t n);
void report_reply(const struct config *c, const struct tunnel_client *cl);

/* Say why there is no tunnel through this proxy; the exit status.  error is 0
 * for a refusal, or the link's; what the proxy sent last is n bytes at sent. */
int report_failure(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int error, const char *sent, size_t n);

/* The same of one that has asked for credentials, and then gave no complete
 * reply to them. */
int report_silence(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int error);

/* It has agreed, but is what came behind that a web page?  Then say so.  -1:
 * more of it is needed to tell. */
int report_is_page(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, const char *sent, size_t n);

/* Something came from behind it before there was anybody: the exit status. */
int report_early(const struct config *c, const struct hop *h);

/* What to do when a proxy has refused with this status. */
const char *report_advice(int status);

/* What to do when one has given no usable reply, but this error. */
const char *report_hint(int error);

#endif
