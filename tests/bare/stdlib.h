/* stdlib.h - for who brings no struct tunnel_alloc of his own */
#ifndef BARE_STDLIB_H
#define BARE_STDLIB_H

#include <stddef.h>

void *malloc(size_t);
void free(void *);

#endif
