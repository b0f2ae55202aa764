/* common_say.c - text for people, parts of which peers may have written
 *
 * A terminal obeys the control characters U+0000 to U+001F and U+007F to
 * U+009F, the latter in their two-byte form of UTF-8, too; and bytes that are
 * no UTF-8 may be control characters to a terminal that is not in that mode.
 * All of these become '?', and everything else stays readable.
 */
#include "common_say.h"

#include <stdio.h>

/* How many bytes the harmless character at p has; 0 for anything else. */
static size_t
harmless(const unsigned char *p)
{
	size_t i, n;

	if (*p < 0x80)
		return *p >= 0x20 && *p != 0x7f;
	n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	if (*p < 0xc2 || *p > 0xf4 || (*p == 0xc2 && p[1] < 0xa0))
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void
say_text(char *out, size_t cap, const char *format, va_list ap)
{
	unsigned char *p = (unsigned char *)out;
	size_t n;

	*out = '\0';
	(void)vsnprintf(out, cap, format, ap);
	while (*p != '\0') {
		n = harmless(p);
		if (n == 0)
			*p = '?';
		p += n > 0 ? n : 1;
	}
}

void
say_line(const char *prefix, const char *format, va_list ap)
{
	char line[SAY_MAX] = "";

	say_text(line, sizeof line, format, ap);
	(void)fprintf(stderr, "%s%s\n", prefix, line);
}
