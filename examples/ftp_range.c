/* ftp_range.c - which part of a file is asked for (RFC 9110, section 14)
 *
 * "bytes=5-9", "bytes=5-", or "bytes=-5", the last five.  Several ranges would
 * take as many transfers, and a server may send all instead (section 14.2).
 */
#include "ftp_range.h"

#include <limits.h>
#include <stddef.h>

/* A number, as far as one can count; *p stands behind it.  -1: none. */
static long long
number(const char **p)
{
	long long v = 0;

	if (**p < '0' || **p > '9')
		return -1;
	for (; **p >= '0' && **p <= '9'; (*p)++)
		v = v > (LLONG_MAX - 9) / 10 ? LLONG_MAX / 10 :
		    v * 10 + (**p - '0');
	return v;
}

static const char *
behind_unit(const char *field)
{
	static const char unit[] = "bytes";
	size_t i;

	for (i = 0; unit[i] != '\0'; i++)
		if ((field[i] | 0x20) != unit[i])
			return NULL;
	return field[i] == '=' ? field + i + 1 : NULL;
}

static const char *
blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

int
ftp_range_read(const char *field, long long size, long long *first,
    long long *last)
{
	const char *p = behind_unit(field);

	if (p == NULL)
		return 0;
	p = blanks(p);
	*first = number(&p);
	if (*p++ != '-')
		return 0;
	*last = number(&p);
	if (*blanks(p) != '\0' || (*first < 0 && *last < 0) ||
	    (*first >= 0 && *last >= 0 && *last < *first))
		return 0;
	if (*first < 0) {
		if (*last == 0 || size == 0)
			return -1;
		*first = *last < size ? size - *last : 0;
		*last = size - 1;
		return 1;
	}
	if (*first >= size)
		return -1;
	if (*last < 0 || *last >= size)
		*last = size - 1;
	return 1;
}
