/* common_gss.c - Negotiate, by the system's GSSAPI
 *
 *      "" --> first token --> the proxy's token --> next token --> ...
 *
 * RFC 4559: each request carries a token of GSSAPI's for the service HTTP at
 * the proxy, in base64; SPNEGO (RFC 4178) is the mechanism, Kerberos what it
 * settles on.  Credentials are those that the user has got by logging in or by
 * kinit(1).
 *
 * No flag is asked for.  Delegation would hand the user's identity over to the
 * proxy; and that the proxy proves its own, which it would do beside the reply
 * that opens the tunnel, is not looked at there.
 */
#include "common_gss.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tunnel.h>

#include "common_base64.h"
#include "common_gss_abi.h"
#include "common_secret.h"

struct exchange {
	void *name;             /* of the service */
	void *context;
	int over;               /* there is nothing more to say */
};

/* What GSSAPI has said to a call. */
struct problem {
	const struct abi_oid *mechanism;
	uint32_t major, minor;
};

/* 1.3.6.1.5.5.2 (RFC 4178), 1.2.840.113554.1.2.2 (RFC 4121) and that with 1.4
 * for the last 2 (RFC 2744, section 4.1).  Nobody writes to them. */
static char spnego_bytes[] = "\x2b\x06\x01\x05\x05\x02";
static char kerberos_bytes[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
static char hostbased_bytes[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04";
static const struct abi_oid spnego = { 6, spnego_bytes };
static const struct abi_oid kerberos = { 9, kerberos_bytes };
static const struct abi_oid hostbased = { 10, hostbased_bytes };

/* ---- what is wrong ---------------------------------------------------- */

static int
refuse(struct gss_service *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(s->why, sizeof s->why, format, ap);
	va_end(ap);
	return TUNNEL_EAUTH;
}

/* What GSSAPI says in its own words; without a full stop, as ours go on. */
static void
words(const struct problem *p, uint32_t status, int what, char *out,
    size_t cap)
{
	struct abi_buffer text = { 0, NULL };
	uint32_t minor, more = 0;
	const char *at;
	size_t n;

	*out = '\0';
	if (abi.display_status(&minor, status, what, p->mechanism, &more,
	    &text) >> ABI_ERROR_SHIFT != 0)
		return;
	at = text.value;
	n = at != NULL ? text.length : 0;
	/* Heimdal begins with a blank. */
	for (; n > 0 && *at == ' '; n--)
		at++;
	if (n > 0 && at[n - 1] == '.')
		n--;
	(void)snprintf(out, cap, "%.*s", (int)(n < cap ? n : cap - 1),
	    n > 0 ? at : "");
	(void)abi.release_buffer(&minor, &text);
}

/* What the mechanism says, unless that is that it does not know, or else what
 * is to be said of any. */
static void
tell(const struct problem *p, char *out, size_t cap)
{
	*out = '\0';
	if (p->minor != 0)
		words(p, p->minor, ABI_OF_MECHANISM, out, cap);
	if (*out == '\0' || strncasecmp(out, "unknown", 7) == 0)
		words(p, p->major, ABI_OF_GSS, out, cap);
}

/* SPNEGO knows that there is nothing, and not of what; Heimdal's has no
 * mechanism then.  Kerberos is asked the same. */
static void
ask_kerberos(struct problem *p, void *name)
{
	struct abi_buffer token = { 0, NULL };
	uint32_t major, minor, ignored;
	void *context = NULL;

	major = abi.init_sec_context(&minor, NULL, &context, name, &kerberos,
	    0, 0, NULL, NULL, NULL, &token, NULL, NULL);
	if (major >> ABI_ERROR_SHIFT != 0) {
		p->mechanism = &kerberos;
		p->major = major;
		p->minor = minor;
	}
	(void)abi.release_buffer(&ignored, &token);
	if (context != NULL)
		(void)abi.delete_sec_context(&ignored, &context, NULL);
}

/* Do these characters make an address? */
static int
is_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	    host[strspn(host, "0123456789.")] == '\0';
}

static int
has_no_credentials(const struct problem *p)
{
	uint32_t error = p->major >> ABI_ERROR_SHIFT;

	return error == ABI_NO_CRED || error == ABI_CREDENTIALS_EXPIRED;
}

/* There is no first token. */
static int
explain(struct gss_service *s, const struct exchange *x, uint32_t major,
    uint32_t minor)
{
	struct problem p = { &spnego, 0, 0 };
	char said[300];
	int none;

	p.major = major;
	p.minor = minor;
	none = has_no_credentials(&p);
	if (none || major >> ABI_ERROR_SHIFT == ABI_BAD_MECH)
		ask_kerberos(&p, x->name);
	none |= has_no_credentials(&p);
	tell(&p, said, sizeof said);
	return refuse(s, "there is no ticket for the service HTTP at %s: %s; "
	    "%s%s", s->host, said, none ? "run kinit" :
	    "run kinit if klist shows no valid ticket", is_address(s->host) ?
	    ", and name the proxy by its name, as tickets are seldom for "
	    "addresses" : "");
}

/* There is none after what the proxy has said. */
static int
explain_answer(struct gss_service *s, uint32_t major, uint32_t minor)
{
	struct problem p = { &spnego, 0, 0 };
	char said[300];

	p.major = major;
	p.minor = minor;
	tell(&p, said, sizeof said);
	return refuse(s, "its answer to the ticket for the service HTTP at %s "
	    "is not one to go on with: %s; ask its administrator what its log "
	    "says", s->host, said);
}

/* ---- an exchange ------------------------------------------------------ */

static void
end(struct exchange *x)
{
	uint32_t minor;

	if (x->context != NULL)
		(void)abi.delete_sec_context(&minor, &x->context, NULL);
	if (x->name != NULL)
		(void)abi.release_name(&minor, &x->name);
	free(x);
}

static int
begin(struct gss_service *s, struct exchange *x)
{
	char text[TUNNEL_HOST_MAX + 8];
	struct abi_buffer b = { 0, text };
	uint32_t major, minor;

	(void)snprintf(text, sizeof text, "HTTP@%s", s->host);
	b.length = strlen(text);
	major = abi.import_name(&minor, &b, &hostbased, &x->name);
	return major >> ABI_ERROR_SHIFT != 0 ? explain(s, x, major, minor) : 0;
}

/* What the next token is: out holds less than cap bytes of it. */
static int
write_token(struct gss_service *s, struct exchange *x,
    const struct abi_buffer *in, char *out, size_t cap)
{
	struct abi_buffer token = { 0, NULL };
	uint32_t major, minor, ignored;
	int rv = 0;

	major = abi.init_sec_context(&minor, NULL, &x->context, x->name,
	    &spnego, 0, 0, NULL, in, NULL, &token, NULL, NULL);
	if (major >> ABI_ERROR_SHIFT != 0)
		rv = in != NULL ? explain_answer(s, major, minor) :
		    explain(s, x, major, minor);
	else if (token.length == 0)
		rv = refuse(s, "it goes on asking when all has been said");
	else if (!base64_write(token.value, token.length, out, cap))
		rv = refuse(s, "the ticket is too large to be sent: %lu bytes",
		    (unsigned long)token.length);
	x->over = !(major & ABI_CONTINUE);
	if (token.value != NULL)
		secret_wipe(token.value, token.length);
	(void)abi.release_buffer(&ignored, &token);
	return rv;
}

/* Answer what the proxy has said, which is "" at the beginning. */
static int
answer(struct gss_service *s, struct exchange *x, const char *challenge,
    char *out, size_t cap)
{
	struct abi_buffer in = { 0, NULL };
	int rv;

	/* An exchange that has come to its end and is not enough is a no. */
	if (x->over)
		return refuse(s, "it does not accept the ticket for the "
		    "service HTTP at %s; ask its administrator what its log "
		    "says", s->host);
	if (*challenge == '\0')
		return write_token(s, x, NULL, out, cap);
	in.value = malloc(strlen(challenge));
	if (in.value == NULL)
		return TUNNEL_ENOMEM;
	if (base64_read(challenge, in.value, &in.length))
		rv = write_token(s, x, &in, out, cap);
	else
		rv = refuse(s, "what it said for Negotiate is no base64");
	free(in.value);
	return rv;
}

int
gss_token(void *ud, void **state, const char *challenge, char *out, size_t cap)
{
	struct gss_service *s = ud;
	struct exchange *x = *state;
	const char *missing;

	if (out == NULL) {
		end(x);
		return 0;
	}
	*s->why = '\0';
	if (!abi_find(&missing))
		return refuse(s, "for " GSS_SCHEME " the system's GSSAPI is "
		    "needed, which cannot be loaded (%s): install "
		    "libgssapi-krb5-2 (Debian, Ubuntu) or krb5-libs (Fedora, "
		    "Alpine)", missing);
	if (x != NULL)
		return answer(s, x, challenge, out, cap);
	x = calloc(1, sizeof *x);
	if (x == NULL)
		return TUNNEL_ENOMEM;
	*state = x;
	return begin(s, x) < 0 ? TUNNEL_EAUTH :
	    answer(s, x, challenge, out, cap);
}
