/* fuzz_text.c - any text as an authority, a proxy URL and a rule: what is taken
 * comes out as it went in */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(int truth)
{
	if (!truth)
		abort();
}

static void
authority(const char *text, size_t n)
{
	char host[TUNNEL_HOST_MAX], back[TUNNEL_HOST_MAX + 8];
	unsigned port;
	size_t got;

	if (tunnel_authority_parse(text, n, host, sizeof host, &port) < 0)
		return;
	must(port > 0 && port < 65536);
	must(tunnel_authority_print(host, port, back, sizeof back, &got) == 0);
	must(got == n && memcmp(back, text, n) == 0);
}

static void
url(const char *text)
{
	struct tunnel_url *u = tunnel_url_new(NULL);
	char back[TUNNEL_HOST_MAX + 8];
	size_t got;

	if (tunnel_url_parse(u, text) == 0)
		must(tunnel_authority_print(tunnel_url_host(u),
		    tunnel_url_port(u), back, sizeof back, &got) == 0);
	tunnel_url_free(u);
}

/* Whatever a rule says, a special address is allowed by an address alone. */
static void
rule(const char *text)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	static const uint8_t metadata[4] = { 169, 254, 169, 254 };

	if (tunnel_policy_allow(p, text) == 0 && text[0] != '\0' &&
	    strpbrk(text, "0123456789") == NULL)
		must(tunnel_policy_judge(p, "a.example", metadata, 4, 80) < 0);
	(void)tunnel_policy_judge(p, text, metadata, 4, 80);
	tunnel_policy_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);

	memcpy(text, data, n);
	text[n] = '\0';
	authority(text, n);
	url(text);
	rule(text);
	free(text);
	return 0;
}
