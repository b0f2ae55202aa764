/* md5.h - RFC 1321.  For users; not for anything that has to be secure. */
#ifndef TNL_MD5_H
#define TNL_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { TNL_MD5_SIZE = 16, TNL_MD5_HEX = 33 };

struct tnl_md5 {
	uint32_t state[4];
	uint64_t n;             /* bytes so far */
	uint8_t block[64];
};

void tnl_md5_init(struct tnl_md5 *m);
void tnl_md5_add(struct tnl_md5 *m, const void *p, size_t n);

/* The digest; m is then wiped. */
void tnl_md5_end(struct tnl_md5 *m, uint8_t out[TNL_MD5_SIZE]);

#endif
