/* engine.c - the engines in memory, against a scan of the same bytes
 *
 * The scan looks for the end of each line with memchr, which is what a reader
 * of heads could not do without.
 */
#include <string.h>

#include <tunnel.h>

#include "bench.h"
#include "heads.h"

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
	need(head_read(ud) == 0, "a head is not read");
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
	static char bytes[] = "CONNECT git.example.com:443 HTTP/1.1\r\n"
	    "Host: git.example.com:443\r\n"
	    "Proxy-Connection: keep-alive\r\n\r\n"
	    "HTTP/1.1 200 OK\r\n\r\n";
	struct head h = { bytes, sizeof bytes - 1, 0 };
	int scanned = row(part, "/s", "handshake, scan of its bytes");
	int read = row(part, "/s", "handshake, client with server");

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
		need(heads[i].bytes != NULL || head_make(&heads[i],
		    kinds[i]) == 0, "no memory");
		scanned = row(part, "ns", "%s, scan", names[i]);
		read = row(part, "ns", "%s, server", names[i]);
		sample(scanned, each(scan, &heads[i]) * 1e9);
		sample(read, each(read_head, &heads[i]) * 1e9);
		against(read, scanned);
	}
}
