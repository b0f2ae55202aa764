/* common_secret.c - strings that are not to be left lying about */
#include "common_secret.h"

#include <stdlib.h>
#include <string.h>

void
secret_wipe(void *p, size_t n)
{
	volatile unsigned char *v = p;

	while (n-- > 0)
		*v++ = 0;
}

char *
secret_copy(const char *p, size_t n)
{
	char *s = malloc(n + 1);

	if (s == NULL)
		return NULL;
	memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

void
secret_drop(char **s)
{
	if (*s != NULL)
		secret_wipe(*s, strlen(*s));
	free(*s);
	*s = NULL;
}
