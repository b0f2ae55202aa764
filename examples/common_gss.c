/* common_gss.c - Negotiate, by the system's GSSAPI
 *
 *      "" --> first token --> the proxy's token --> next token --> ...
 *
 * RFC 4559: each request carries a token of GSSAPI's for the service HTTP at
 * the proxy, in base64; SPNEGO (RFC 4178) is the mechanism, Kerberos what it
 * settles on.  Credentials are those that the user has got by logging in or by
 * kinit(1).  The library is looked for when the first token is wanted, and not
 * before: most never want one, and many systems have none.
 *
 * No flag is asked for.  Delegation would hand the user's identity over to the
 * proxy; and that the proxy proves its own, which it would do beside the reply
 * that opens the tunnel, is not looked at there.
 */
#include "common_gss.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

#include "common_base64.h"
#include "common_gss_abi.h"
#include "common_secret.h"

struct exchange {
	void *name;             /* of the service */
	void *context;
	int over;               /* there is nothing more to say */
};

static struct abi gss;
static char missing[400];       /* why there is no library, or "" */

/* 1.3.6.1.5.5.2, and 1.2.840.113554.1.2.1.4 (RFC 2744, section 4.1): what is
 * behind them is not written to. */
static char spnego_bytes[] = "\x2b\x06\x01\x05\x05\x02";
static char hostbased_bytes[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04";
static const struct abi_oid spnego = { 6, spnego_bytes };
static const struct abi_oid hostbased = { 10, hostbased_bytes };

/* ---- the library ------------------------------------------------------ */

/* MIT's; Heimdal's, on its own and as FreeBSD's; that of macOS. */
static const char *const libraries[] = {
	"libgssapi_krb5.so.2", "libgssapi.so.3", "libgssapi.so.10",
	"/System/Library/Frameworks/GSS.framework/GSS"
};

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	{ "gss_import_name", offsetof(struct abi, import_name) },
	{ "gss_init_sec_context", offsetof(struct abi, init_sec_context) },
	{ "gss_delete_sec_context", offsetof(struct abi, delete_sec_context) },
	{ "gss_release_name", offsetof(struct abi, release_name) },
	{ "gss_release_buffer", offsetof(struct abi, release_buffer) },
	{ "gss_display_status", offsetof(struct abi, display_status) }
};

/* Whatever is in the way first is told: it is what most systems would have. */
static int
failed_to_load(void)
{
	const char *error = dlerror();

	if (*missing == '\0')
		(void)snprintf(missing, sizeof missing, "%s",
		    error != NULL ? error : "no reason is given");
	return 0;
}

static int
load_from(const char *file)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL), *f;
	size_t i;

	if (library == NULL)
		return failed_to_load();
	for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		f = dlsym(library, functions[i].name);
		if (f == NULL) {
			(void)failed_to_load();
			(void)dlclose(library);
			return 0;
		}
		/* POSIX has them of one size; C has no conversion. */
		memcpy((char *)&gss + functions[i].at, &f, sizeof f);
	}
	*missing = '\0';
	return 1;
}

static void
load(void)
{
	size_t i;

	for (i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
		if (load_from(libraries[i]))
			return;
}

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

/* GSSAPI's own words for half of a status; without a full stop, as ours go
 * on. */
static void
words(uint32_t status, int what, char *out, size_t cap)
{
	struct abi_buffer text = { 0, NULL };
	uint32_t minor, more = 0;
	size_t n;

	*out = '\0';
	if (gss.display_status(&minor, status, what, &spnego, &more, &text) >>
	    ABI_ERROR_SHIFT != 0)
		return;
	n = text.length;
	if (n > 0 && ((const char *)text.value)[n - 1] == '.')
		n--;
	(void)snprintf(out, cap, "%.*s", (int)(n < cap ? n : cap - 1),
	    n > 0 ? (const char *)text.value : "");
	(void)gss.release_buffer(&minor, &text);
}

/* Do these characters make an address? */
static int
is_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	    host[strspn(host, "0123456789.")] == '\0';
}

/* It did not go on, at the beginning or after an answer. */
static int
explain(struct gss_service *s, uint32_t major, uint32_t minor, int answered)
{
	uint32_t error = major >> ABI_ERROR_SHIFT & 255;
	char general[200], special[300] = "";
	const char *said = general;

	words(major, ABI_OF_GSS, general, sizeof general);
	if (minor != 0)
		words(minor, ABI_OF_MECHANISM, special, sizeof special);
	if (*special != '\0')
		said = special;
	if (answered)
		return refuse(s, "its answer to the ticket for the service "
		    "HTTP at %s is not one to go on with: %s; ask its "
		    "administrator what its log says", s->host, said);
	return refuse(s, "there is no ticket for the service HTTP at %s: %s; "
	    "%s%s", s->host, said, error == ABI_NO_CRED ||
	    error == ABI_CREDENTIALS_EXPIRED ? "run kinit" :
	    "run kinit if klist shows no valid ticket", is_address(s->host) ?
	    ", and name the proxy by its name, as tickets are seldom for "
	    "addresses" : "");
}

/* ---- an exchange ------------------------------------------------------ */

static void
end(struct exchange *x)
{
	uint32_t minor;

	if (x->context != NULL)
		(void)gss.delete_sec_context(&minor, &x->context, NULL);
	if (x->name != NULL)
		(void)gss.release_name(&minor, &x->name);
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
	major = gss.import_name(&minor, &b, &hostbased, &x->name);
	return major >> ABI_ERROR_SHIFT != 0 ? explain(s, major, minor, 0) : 0;
}

/* What the next token is: out holds less than cap bytes of it. */
static int
write_token(struct gss_service *s, struct exchange *x,
    const struct abi_buffer *in, char *out, size_t cap)
{
	struct abi_buffer token = { 0, NULL };
	uint32_t major, minor, ignored;
	int rv = 0;

	major = gss.init_sec_context(&minor, NULL, &x->context, x->name,
	    &spnego, 0, 0, NULL, in, NULL, &token, NULL, NULL);
	if (major >> ABI_ERROR_SHIFT != 0)
		rv = explain(s, major, minor, in != NULL);
	else if (token.length == 0)
		rv = refuse(s, "it goes on asking when all has been said");
	else if (!base64_write(token.value, token.length, out, cap))
		rv = refuse(s, "the ticket is too large to be sent: %lu bytes",
		    (unsigned long)token.length);
	x->over = !(major & ABI_CONTINUE);
	if (token.value != NULL)
		secret_wipe(token.value, token.length);
	(void)gss.release_buffer(&ignored, &token);
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
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct gss_service *s = ud;
	struct exchange *x = *state;

	if (out == NULL) {
		end(x);
		return 0;
	}
	*s->why = '\0';
	(void)pthread_once(&once, load);
	if (*missing != '\0')
		return refuse(s, "for Negotiate the system's GSSAPI is "
		    "needed, which cannot be loaded (%s): install libgssapi-krb5-2 (Debian, "
		    "Ubuntu) or krb5-libs (Fedora, Alpine)", missing);
	if (x != NULL)
		return answer(s, x, challenge, out, cap);
	x = calloc(1, sizeof *x);
	if (x == NULL)
		return TUNNEL_ENOMEM;
	*state = x;
	return begin(s, x) < 0 ? TUNNEL_EAUTH :
	    answer(s, x, challenge, out, cap);
}
