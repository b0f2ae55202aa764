/* connect_target.c - where tunnels lead */
#include "connect_target.h"

#include <stdio.h>
#include <string.h>

/* "[BIND:]PORT", n bytes; a port alone is one of loopback, where only this
 * machine can come in. */
static int
read_where(struct forward *f, const char *word, size_t n)
{
	const char *own = memchr(word, ':', n) != NULL ? "" : "127.0.0.1:";

	return n > 0 && snprintf(f->where, sizeof f->where, "%s%.*s", own,
	    (int)n, word) < (int)sizeof f->where;
}

/* "[BIND:]PORT:HOST:HOSTPORT", read from its end; addresses of IPv6 stand in
 * brackets. */
static int
read_forward(struct forward *f, const char *word)
{
	const char *at = strrchr(word, ':');

	if (at == NULL || at == word)
		return 0;
	/* Behind the colon before the host. */
	at--;
	if (*at == ']')
		while (at > word && *at != '[')
			at--;
	while (at > word && at[-1] != ':')
		at--;
	if (at == word || tunnel_authority_parse(at, strlen(at), f->host,
	    sizeof f->host, &f->port) < 0)
		return 0;
	return read_where(f, word, (size_t)(at - 1 - word));
}

int
target_forward(struct config *c, int socks, const char *word)
{
	struct forward *f = &c->forwards[c->forwards_n];

	if (c->forwards_n == FORWARDS_MAX)
		return config_misuse(c, "too many -L and -D", "");
	if (socks ? !read_where(f, word, strlen(word)) : !read_forward(f, word))
		return config_misuse(c, socks ? "-D takes [BIND:]PORT, not " :
		    "-L takes [BIND:]PORT:HOST:HOSTPORT, not ", word);
	c->forwards_n++;
	return 0;
}

int
target_set(struct config *c, int n, char **words)
{
	char text[TUNNEL_HOST_MAX + 16];
	int bare;

	if (c->forwards_n > 0 && c->examine)
		return config_misuse(c, "--doctor looks at the way to one HOST "
		    "PORT, and takes no -L and no -D", "");
	if (c->forwards_n > 0)
		return n == 0 ? 0 : config_misuse(c, "with -L or -D there is "
		    "no target besides: ", words[0]);
	if (n < 1 || n > 2)
		return config_misuse(c, n < 1 ? "HOST and PORT are missing" :
		    "too many operands: ", n < 1 ? "" : words[2]);
	bare = n == 2 && words[0][0] != '[' && strchr(words[0], ':') != NULL;
	n = n == 1 ? snprintf(text, sizeof text, "%s", words[0]) :
	    snprintf(text, sizeof text, bare ? "[%s]:%s" : "%s:%s", words[0],
	    words[1]);
	if (n < 0 || n >= (int)sizeof text || tunnel_authority_parse(text,
	    (size_t)n, c->host, sizeof c->host, &c->port) < 0)
		return config_misuse(c, "not a target (a host, and a port of "
		    "1 to 65535): ", text);
	return 0;
}
