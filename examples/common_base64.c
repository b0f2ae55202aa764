/* common_base64.c - bytes as text
 *
 * Every 3 bytes are 4 characters of 6 bits each, and what is missing to that at
 * the end is made up by '='.  What is read has to be written in that one way:
 * no other character, no bit that says nothing.
 */
#include "common_base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

int
base64_write(const void *in, size_t n, char *out, size_t cap)
{
	const unsigned char *p = in;
	unsigned long v;
	size_t i, k;

	if (cap == 0 || n > (cap - 1) / 4 * 3)
		return 0;
	for (; n > 0; n -= k, p += k, out += 4) {
		k = n < 3 ? n : 3;
		v = (unsigned long)p[0] << 16;
		v |= k > 1 ? (unsigned long)p[1] << 8 : 0;
		v |= k > 2 ? p[2] : 0;
		for (i = 0; i < 4; i++)
			out[i] = (char)(i <= k ?
			    digits[v >> (18 - 6 * i) & 63] : '=');
	}
	*out = '\0';
	return 1;
}

int
base64_read(const char *text, void *out, size_t *n)
{
	size_t len = strlen(text), pad = 0, i;
	unsigned char *p = out;
	const char *digit;
	unsigned long v = 0;

	if (len % 4 != 0)
		return 0;
	while (pad < 2 && pad < len && text[len - pad - 1] == '=')
		pad++;
	*n = len / 4 * 3 - pad;
	for (i = 0; i < len - pad; i++) {
		digit = strchr(digits, text[i]);
		if (digit == NULL)
			return 0;
		v = (v << 6 | (unsigned long)(digit - digits)) & 0xffffff;
		if (i % 4 > 0)
			*p++ = (unsigned char)(v >> (6 - i % 4 * 2) & 255);
	}
	/* What is left over of the last character is nothing. */
	return pad == 0 || (v & (pad == 1 ? 3 : 15)) == 0;
}
