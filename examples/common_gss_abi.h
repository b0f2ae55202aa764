/* common_gss_abi.h - what of GSSAPI is called (RFC 2744)
 *
 * Declared here, so that its headers are not needed.  The names are those of
 * the RFC but for the prefix.
 */
#ifndef COMMON_GSS_ABI_H
#define COMMON_GSS_ABI_H

#include <stddef.h>
#include <stdint.h>

/* All implementations for macOS on Intel pack their structures like this. */
#if defined(__APPLE__) && (defined(__i386__) || defined(__x86_64__))
#pragma pack(push, 2)
#endif

struct abi_oid {
	uint32_t length;
	void *elements;
};

struct abi_buffer {
	size_t length;
	void *value;
};

#if defined(__APPLE__) && (defined(__i386__) || defined(__x86_64__))
#pragma pack(pop)
#endif

/* Of a result (section 3.9.1): the upper half of the word is an error, the
 * lower says more of a success. */
enum {
	ABI_ERROR_SHIFT = 16,
	ABI_BAD_MECH = 1,
	ABI_NO_CRED = 7,
	ABI_CREDENTIALS_EXPIRED = 11,
	ABI_CONTINUE = 1,
	/* What a status is, to display_status. */
	ABI_OF_GSS = 1,
	ABI_OF_MECHANISM = 2
};

/* Names, contexts and credentials are pointers to we do not know what. */
struct abi {
	uint32_t (*import_name)(uint32_t *minor, const struct abi_buffer *text,
	    const struct abi_oid *type, void **name);
	uint32_t (*init_sec_context)(uint32_t *minor, void *credentials,
	    void **context, void *name, const struct abi_oid *mechanism,
	    uint32_t flags, uint32_t seconds, void *bindings,
	    const struct abi_buffer *in, struct abi_oid **used,
	    struct abi_buffer *out, uint32_t *got_flags, uint32_t *got_seconds);
	uint32_t (*delete_sec_context)(uint32_t *minor, void **context,
	    struct abi_buffer *token);
	uint32_t (*release_name)(uint32_t *minor, void **name);
	uint32_t (*release_buffer)(uint32_t *minor, struct abi_buffer *b);
	uint32_t (*display_status)(uint32_t *minor, uint32_t status, int what,
	    const struct abi_oid *mechanism, uint32_t *more,
	    struct abi_buffer *text);
};

/* To be called once abi_find() has said so. */
extern struct abi abi;

/* Look for it, the first time: 1, or 0 and why it cannot be had.  Of any
 * thread. */
int abi_find(const char **why);

#endif
