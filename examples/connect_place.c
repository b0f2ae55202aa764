/* connect_place.c - where tunnel-connect listens: the words of -L and -D */
#include "connect_config.h"

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
config_place(struct forward *f, int socks, const char *word)
{
	return socks ? read_where(f, word, strlen(word)) :
	    read_forward(f, word);
}
