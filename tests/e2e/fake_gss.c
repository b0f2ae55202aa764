/* fake_gss.c - a GSSAPI that does as it is told
 *
 * Its tokens are what it hears with all bits turned and a byte more, so that
 * every length comes up; what it hears and frees is in the file FAKE_GSS_LOG.
 * It has said all after FAKE_GSS_ROUNDS tokens; FAKE_GSS_FIRST is the length of
 * the first one.  With FAKE_GSS_ERROR there is none: that is what SPNEGO says,
 * and Kerberos says that there are no credentials.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_gss_abi.h"

uint32_t gss_import_name(uint32_t *minor, const struct abi_buffer *text,
    const struct abi_oid *type, void **name);
uint32_t gss_init_sec_context(uint32_t *minor, void *credentials,
    void **context, void *name, const struct abi_oid *mechanism, uint32_t flags,
    uint32_t seconds, void *bindings, const struct abi_buffer *in,
    struct abi_oid **used, struct abi_buffer *out, uint32_t *got_flags,
    uint32_t *got_seconds);
uint32_t gss_delete_sec_context(uint32_t *minor, void **context,
    struct abi_buffer *token);
uint32_t gss_release_name(uint32_t *minor, void **name);
uint32_t gss_release_buffer(uint32_t *minor, struct abi_buffer *b);
uint32_t gss_display_status(uint32_t *minor, uint32_t status, int what,
    const struct abi_oid *mechanism, uint32_t *more, struct abi_buffer *text);

static void
tell(const char *what, const struct abi_buffer *b)
{
	FILE *f = fopen(getenv("FAKE_GSS_LOG"), "a");
	size_t i;

	if (f == NULL)
		abort();
	(void)fputs(what, f);
	for (i = 0; b != NULL && i < b->length; i++)
		(void)fprintf(f, "%s%02x", i == 0 ? " " : "",
		    ((const unsigned char *)b->value)[i]);
	(void)fputs("\n", f);
	(void)fclose(f);
}

static unsigned long
number(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 10) : 0;
}

uint32_t
gss_import_name(uint32_t *minor, const struct abi_buffer *text,
    const struct abi_oid *type, void **name)
{
	struct abi_buffer b = { type->length, type->elements };

	*minor = 0;
	tell("name", text);
	tell("type", &b);
	*name = malloc(1);
	return 0;
}

uint32_t
gss_init_sec_context(uint32_t *minor, void *credentials, void **context,
    void *name, const struct abi_oid *mechanism, uint32_t flags,
    uint32_t seconds, void *bindings, const struct abi_buffer *in,
    struct abi_oid **used, struct abi_buffer *out, uint32_t *got_flags,
    uint32_t *got_seconds)
{
	struct abi_buffer b = { mechanism->length, mechanism->elements };
	unsigned char *p;
	unsigned *round;
	size_t i, n = in != NULL ? in->length + 1 : number("FAKE_GSS_FIRST");

	if (credentials != NULL || name == NULL || flags != 0 || seconds != 0 ||
	    bindings != NULL || used != NULL || got_flags != NULL ||
	    got_seconds != NULL)
		abort();
	*minor = 0;
	if (number("FAKE_GSS_ERROR") != 0) {
		*minor = mechanism->length == 6 ? 1 : 2;
		return (mechanism->length == 6 ? (uint32_t)
		    number("FAKE_GSS_ERROR") : ABI_NO_CRED) << ABI_ERROR_SHIFT;
	}
	if (*context == NULL) {
		tell("mechanism", &b);
		*context = calloc(1, sizeof *round);
	}
	tell("heard", in);
	round = *context;
	p = malloc(n);
	if (round == NULL || p == NULL)
		abort();
	for (i = 0; i < n; i++)
		p[i] = in != NULL && i < in->length ? (unsigned char)
		    ~((const unsigned char *)in->value)[i] : 0xfb;
	out->length = n;
	out->value = p;
	/* Complete, or to be continued. */
	return ++*round < number("FAKE_GSS_ROUNDS");
}

uint32_t
gss_delete_sec_context(uint32_t *minor, void **context,
    struct abi_buffer *token)
{
	(void)token;
	tell("ended", NULL);
	free(*context);
	*context = NULL;
	*minor = 0;
	return 0;
}

uint32_t
gss_release_name(uint32_t *minor, void **name)
{
	tell("forgotten", NULL);
	free(*name);
	*name = NULL;
	*minor = 0;
	return 0;
}

uint32_t
gss_release_buffer(uint32_t *minor, struct abi_buffer *b)
{
	free(b->value);
	b->value = NULL;
	b->length = 0;
	*minor = 0;
	return 0;
}

uint32_t
gss_display_status(uint32_t *minor, uint32_t status, int what,
    const struct abi_oid *mechanism, uint32_t *more, struct abi_buffer *text)
{
	const char *said = what == ABI_OF_GSS ? "General." : status == 1 ?
	    "There is something." : " There is nothing.";

	(void)mechanism;
	*more = 0;
	*minor = 0;
	/* Of this length, and no string. */
	text->length = strlen(said);
	text->value = malloc(text->length);
	if (text->value == NULL)
		abort();
	memcpy(text->value, said, text->length);
	return 0;
}
