/* engine.c - the engines in memory, against a scan of the same bytes
 *
 * The scan looks for the end of each line with memchr, which is what a reader
 * of heads could not do without.
 */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

#include "bench.h"

enum { HEAD = 61440 };

struct head {
	char *bytes;
	size_t n;
	unsigned lines;
};

static const char typical[] = "CONNECT git.example.com:443 HTTP/1.1\r\n"
    "Host: git.example.com:443\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0\r\n"
    "Proxy-Connection: keep-alive\r\n"
    "Connection: keep-alive\r\n\r\n";

static const char reply[] = "HTTP/1.1 200 OK\r\n\r\n";

static void
add(struct head *h, const char *text)
{
	size_t n = strlen(text);

	memcpy(h->bytes + h->n, text, n);
	h->n += n;
}

/* typical: what browsers send.  fields: as many as there is room for.  field:
 * one that is as long as may be. */
static void
make(struct head *h, const char *kind)
{
	h->bytes = malloc(HEAD + 200);
	if (h->bytes == NULL)
		die("malloc");
	h->n = 0;
	h->lines = 0;
	if (strcmp(kind, "typical") == 0) {
		add(h, typical);
		return;
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
}

static void
scan(void *ud)
{
	struct head *h = ud;
	const char *at = h->bytes, *end = at + h->n;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		h->lines++;
		if (++at == end)
			break;
	}
}

static void
read_head(void *ud)
{
	const struct head *h = ud;
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used = 0;
	int f = tunnel_server_feed(s, h->bytes, h->n, &used);

	need(f == TUNNEL_ASK && used == h->n, "a head is not read");
	tunnel_server_free(s);
}

static void
handshake(void *ud)
{
	struct tunnel_client *c = tunnel_client_new(NULL);
	struct tunnel_server *s = tunnel_server_new(NULL);
	const void *bytes;
	size_t n, used;

	(void)ud;
	need(tunnel_client_target(c, "git.example.com", 443) == 0 &&
	    tunnel_client_start(c) >= 0, "the client does not start");
	bytes = tunnel_client_peek(c, &n);
	need(tunnel_server_feed(s, bytes, n, &used) == TUNNEL_ASK && used == n,
	    "the server does not ask");
	(void)tunnel_client_skip(c, n);
	(void)tunnel_server_accept(s);
	bytes = tunnel_server_peek(s, &n);
	need((tunnel_client_feed(c, bytes, n, &used) & TUNNEL_OPEN) &&
	    used == n && (tunnel_server_skip(s, n) & TUNNEL_OPEN),
	    "no tunnel");
	tunnel_client_free(c);
	tunnel_server_free(s);
}

static void
measure_handshake(const char *part)
{
	static char bytes[300];
	struct head h = { bytes, 0, 0 };
	int scanned = row(part, "/s", "handshake, scan of its bytes");
	int read = row(part, "/s", "handshake, client with server");

	add(&h, "CONNECT git.example.com:443 HTTP/1.1\r\n"
	    "Host: git.example.com:443\r\n"
	    "Proxy-Connection: keep-alive\r\n\r\n");
	add(&h, reply);
	sample(scanned, 1 / each(scan, &h));
	sample(read, 1 / each(handshake, NULL));
	against(read, scanned);
}

void
engine_measure(void)
{
	static const char part[] = "engines in memory";
	static const char *const kinds[] = { "typical", "fields", "field" };
	static const char *const names[] = { "head of 200 B",
	    "60 KiB of small fields", "a field of 60 KiB" };
	static struct head heads[3];
	int i, scanned, read;

	measure_handshake(part);
	for (i = 0; i < 3; i++) {
		if (heads[i].bytes == NULL)
			make(&heads[i], kinds[i]);
		scanned = row(part, "ns", "%s, scan", names[i]);
		read = row(part, "ns", "%s, server", names[i]);
		sample(scanned, each(scan, &heads[i]) * 1e9);
		sample(read, each(read_head, &heads[i]) * 1e9);
		against(read, scanned);
	}
}

void
engine_heads(const char *kind, unsigned long n)
{
	struct head h;

	make(&h, kind);
	while (n-- > 0)
		read_head(&h);
	free(h.bytes);
}
