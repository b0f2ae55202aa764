/* heads.c - see heads.h
 *
 * It needs the core and nothing else: gate_counts.sh builds it so. */
#include "heads.h"

#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

/* A head may have 64 KiB in all. */
enum { HEAD = 61440 };

static const char typical[] = "CONNECT git.example.com:443 HTTP/1.1\r\n"
    "Host: git.example.com:443\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0\r\n"
    "Proxy-Connection: keep-alive\r\n"
    "Connection: keep-alive\r\n\r\n";

static void
add(struct head *h, const char *text)
{
	size_t n = strlen(text);

	memcpy(h->bytes + h->n, text, n);
	h->n += n;
}

int
head_make(struct head *h, const char *kind)
{
	h->bytes = malloc(HEAD + 200);
	if (h->bytes == NULL)
		return -1;
	h->n = 0;
	h->lines = 0;
	if (strcmp(kind, "typical") == 0) {
		add(h, typical);
		return 0;
	}
	add(h, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n");
	if (strcmp(kind, "fields") == 0) {
		while (h->n < HEAD)
			add(h, "a:b\r\n");
	} else {
		add(h, "Cookie: ");
		memset(h->bytes + h->n, 'x', HEAD - h->n);
		h->n = HEAD;
		add(h, "\r\n");
	}
	add(h, "\r\n");
	return 0;
}

int
head_read(const struct head *h)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used = 0;
	int f;

	if (s == NULL)
		return -1;
	f = tunnel_server_feed(s, h->bytes, h->n, &used);
	tunnel_server_free(s);
	return f == TUNNEL_ASK && used == h->n ? 0 : -1;
}
