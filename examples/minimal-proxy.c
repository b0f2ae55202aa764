/* minimal-proxy.c - a proxy for tunnels to ports 22 and 443 of public hosts */
#include <stdio.h>

#include <tunnel.h>

int
main(int argc, char **argv)
{
	struct tunnel_proxy *p = tunnel_proxy_new(NULL, NULL);
	int rv = TUNNEL_ENOMEM;

	if (p != NULL)
		rv = tunnel_proxy_listen(p, argc > 1 ? argv[1] :
		    "127.0.0.1:3128");
	if (rv == 0)
		rv = tunnel_proxy_run(p);
	if (rv < 0)
		(void)fprintf(stderr, "minimal-proxy: %s\n", p != NULL &&
		    *tunnel_proxy_reason(p) ? tunnel_proxy_reason(p) :
		    tunnel_strerror(rv));
	tunnel_proxy_free(p);
	return rv < 0;
}
