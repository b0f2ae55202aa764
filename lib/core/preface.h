/* preface.h - the PROXY protocol, versions 1 and 2.  For session. */
#ifndef TNL_PREFACE_H
#define TNL_PREFACE_H

#include <stddef.h>
#include <stdint.h>

enum { TNL_PREFACE_MAX = 16 + 2048, TNL_PREFACE_SENT_MAX = 128 };

/* Who connected to whom, according to the preface. */
struct tnl_preface {
	int known;              /* 0: it does not say (UNKNOWN, LOCAL) */
	size_t addr_n;          /* 4 or 16: of both addresses */
	uint8_t src[16], dst[16];
	unsigned sport, dport;
};

/* How many more bytes may be read, having n of them, without taking one that is
 * behind the preface: 0 when it is complete, and then p is filled in; -1 when
 * it is none. */
int tnl_preface_more(struct tnl_preface *p, const uint8_t *in, size_t n);

/* Write one of that version (1 or 2), at most TNL_PREFACE_SENT_MAX bytes: how
 * many. */
size_t tnl_preface_write(const struct tnl_preface *p, int version,
    uint8_t *out);

#endif
