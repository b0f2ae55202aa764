/* proxy_text.c - text that grows, for pages */
#include "proxy_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 700000 };

void
text_free(struct text *t)
{
	free(t->at);
	memset(t, 0, sizeof *t);
}

static int
reserve(struct text *t, size_t n)
{
	size_t cap = t->cap > 0 ? t->cap : 4096;
	char *at;

	if (n > TEXT_MAX - t->n)
		t->failed = 1;
	if (t->failed)
		return 0;
	while (cap < t->n + n + 1)
		cap *= 2;
	if (cap == t->cap)
		return 1;
	at = realloc(t->at, cap);
	if (at == NULL) {
		t->failed = 1;
		return 0;
	}
	t->at = at;
	t->cap = cap;
	return 1;
}

void
text_add(struct text *t, const char *format, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n >= 0 && reserve(t, (size_t)n)) {
		(void)vsnprintf(t->at + t->n, (size_t)n + 1, format, again);
		t->n += (size_t)n;
	}
	va_end(again);
}

void
text_html(struct text *t, const char *value)
{
	unsigned char c;

	for (; *value != '\0'; value++) {
		c = (unsigned char)*value;
		if (c < 0x20 || c >= 0x7f)
			text_add(t, "?");
		else if (strchr("<>&\"'", c) != NULL)
			text_add(t, "&#%d;", c);
		else
			text_add(t, "%c", c);
	}
}

void
text_size(struct text *t, unsigned long long n)
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double v = (double)n;
	int i = 0;

	while (v >= 1000 && i < 5) {
		v /= 1000;
		i++;
	}
	text_add(t, i == 0 ? "%.0f %s" : "%.1f %s", v, unit[i]);
}
