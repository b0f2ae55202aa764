/* common_exempt.h - which targets need no proxy */
#ifndef COMMON_EXEMPT_H
#define COMMON_EXEMPT_H

#include <stddef.h>

/* The entry of the list, with commas or blanks between them, that means this
 * target, *n bytes of it; NULL when none does. */
const char *exempt_find(const char *host, unsigned port, const char *list,
    size_t *n);

#endif
