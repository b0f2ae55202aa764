/* common_secret.h - strings that are not to be left lying about */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stddef.h>

/* Overwrite n bytes, in a way that no compiler may leave out. */
void secret_wipe(void *p, size_t n);

/* The first n bytes of p as a string to be given to secret_drop, or NULL. */
char *secret_copy(const char *p, size_t n);

/* Wipe and free a string, and forget where it was; NULL is fine. */
void secret_drop(char **s);

#endif
