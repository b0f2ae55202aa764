/* common_private.h - files that are nobody else's business */
#ifndef COMMON_PRIVATE_H
#define COMMON_PRIVATE_H

#include <stddef.h>

struct private_file {
	char *text;             /* n bytes and a NUL, or NULL */
	size_t n;
	int shown;              /* group or others can read or write it */
	int error;              /* an errno; 0: it was read */
};

/* Read all of it. */
void private_read(struct private_file *f, const char *path);

/* Wipe and free what was read; also where nothing was. */
void private_drop(struct private_file *f);

#endif
