/* proxy_page.h - the status page for people */
#ifndef PROXY_PAGE_H
#define PROXY_PAGE_H

#include <tunnel.h>

#include "proxy_text.h"

enum { PAGE_SAMPLES = 61 };

/* Bytes that had passed at the last seconds, the newest at `at`. */
struct page_history {
	unsigned long long up[PAGE_SAMPLES], down[PAGE_SAMPLES];
	int at, n;
};

void page_sample(struct page_history *h, const struct tunnel_proxy *p);

struct page {
	struct text rows, errors;
	unsigned long long shown, left_out;
};

void page_row(struct page *p, struct tunnel_session *s);
void page_error(struct page *p, const char *what, unsigned long long n);
void page_free(struct page *p);

/* The whole page into t, which is for text_free. */
void page_compose(struct page *p, const struct tunnel_proxy *proxy,
    const struct page_history *h, int draining, struct text *t);

#endif
