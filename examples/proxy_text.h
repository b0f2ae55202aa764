/* proxy_text.h - text that grows, for pages */
#ifndef PROXY_TEXT_H
#define PROXY_TEXT_H

#include <stddef.h>

struct text {
	char *at;               /* a string, or NULL */
	size_t n, cap;
	int failed;             /* there was no memory, or too much text */
};

void text_free(struct text *t);

/* Append as printf(3) has it; at most 700000 bytes in all. */
void text_add(struct text *t, const char *format, ...);

/* Append so that it means itself in HTML, also inside quotes. */
void text_html(struct text *t, const char *value);

/* Append n bytes as people read them, "1.5 MB". */
void text_size(struct text *t, unsigned long long n);

#endif
