/* fuzz_server.c - any bytes as a request, whole and cut in two: the outcome is
 * the same, and a refusal is a complete reply */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct outcome {
	int flags, fault, status;
	unsigned port;
	size_t used;
	char host[TUNNEL_HOST_MAX];
};

static void
must(int truth)
{
	if (!truth)
		abort();
}

/* Everything that can be asked of a server that has decided. */
static void
look(struct tunnel_server *s, struct outcome *o)
{
	char user[64], password[64];
	const char *name, *value;
	size_t i;

	for (i = 0; (name = tunnel_server_request_at(s, i, &value)) != NULL;
	    i++) {
		must(strlen(name) > 0 && strpbrk(value, "\r\n") == NULL);
		must(tunnel_server_request(s, name, 0) != NULL);
	}
	(void)tunnel_server_basic(s, user, sizeof user, password,
	    sizeof password);
	o->fault = tunnel_server_fault(s);
	o->port = tunnel_server_port(s);
	if (tunnel_server_host(s) != NULL)
		strcpy(o->host, tunnel_server_host(s));
	if (o->flags == TUNNEL_ASK)
		(void)(o->port != 0 ? tunnel_server_accept(s) :
		    tunnel_server_refuse(s, 404, NULL));
	o->status = tunnel_server_status(s);
}

static void
check_reply(struct tunnel_server *s, const struct outcome *o)
{
	char text[8192];
	size_t n = 0, got;

	do {
		must(tunnel_server_drain(s, text + n, 100, &got) >= 0);
		n += got;
		must(n + 100 < sizeof text);
	} while (got > 0);
	text[n] = '\0';
	if (o->flags == TUNNEL_IN)
		return;
	must(strncmp(text, "HTTP/1.1 ", 9) == 0);
	must(atoi(text + 9) == o->status);
	must(strstr(text, "\r\n\r\n") != NULL);
	must((o->status == 200) == (strstr(text, "Content-Length") == NULL));
}

static void
run(const uint8_t *data, size_t n, size_t cut, int any, struct outcome *o)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used;

	memset(o, 0, sizeof *o);
	must(tunnel_server_limits(s, 200, 1000) == 0);
	must(tunnel_server_methods(s, any) == 0);
	o->flags = tunnel_server_feed(s, data, cut, &o->used);
	if (o->flags == TUNNEL_IN) {
		must(o->used == cut);
		o->flags = tunnel_server_feed(s, data + cut, n - cut, &used);
		o->used += used;
	}
	must(o->flags >= 0);
	look(s, o);
	check_reply(s, o);
	tunnel_server_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct outcome whole, pieces;
	size_t cut;
	int any;

	if (n < 2)
		return 0;
	any = data[0] & 1;
	cut = data[1] % n;
	data += 2;
	n -= 2;
	cut = cut < n ? cut : n;
	run(data, n, n, any, &whole);
	run(data, n, cut, any, &pieces);
	must(memcmp(&whole, &pieces, sizeof whole) == 0);
	return 0;
}
