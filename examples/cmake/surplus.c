/* surplus.c - where a proxy's reply ends, there the tunnel begins */
#include <stdio.h>
#include <tunnel.h>

int
main(void)
{
	static const char said[] = "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-server\r\n";
	struct tunnel_client *c = tunnel_client_new(NULL);
	size_t n, used;
	int f;

	if (c == NULL || tunnel_client_target(c, "git.example", 22) < 0 ||
	    tunnel_client_start(c) < 0)
		return 1;
	fwrite(tunnel_client_peek(c, &n), 1, n, stdout);
	tunnel_client_skip(c, n);
	f = tunnel_client_feed(c, said, sizeof said - 1, &used);
	if (f > 0 && (f & TUNNEL_OPEN))
		fputs(said + used, stdout);
	tunnel_client_free(c);
	return f < 0;
}
