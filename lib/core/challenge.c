/* challenge.c - what the fields of HTTP authentication hold
 *
 *      challenge   = scheme [ 1*SP ( token68 / #param ) ]
 *      credentials = the same, once
 *      token68     = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" )
 *                    *"="
 *      param       = token BWS "=" BWS ( token / quoted-string )
 *
 * RFC 9110 sections 11.2 to 11.6.3.  The list of challenges and the lists of
 * their parameters have the same comma, and only what follows a token tells
 * which it was:
 *
 *      Digest realm="a, b", nonce=x , , Basic realm = "c", Negotiate YWJj==
 *      begins param         param       begins param       begins token68
 *
 * A token with "=" behind it is a parameter of the scheme before it; alone, or
 * with a blank and then anything else, it begins the next challenge.  What is
 * neither is a break.  It ends its challenge, and reading goes on behind the
 * next comma outside of quotes, with what begins a challenge.
 *
 * A value without quotes may have any visible byte but '"' and ",": proxies do
 * send nonces with "=" in them and paths in that way.
 */
#include "core/challenge.h"

#include <string.h>

#include <tunnel/base.h>

#include "core/ascii.h"

struct cursor {
	const char *p, *end;
};

static int
at(const struct cursor *c, char byte)
{
	return c->p < c->end && *c->p == byte;
}

/* At the end of a member of the list. */
static int
at_end(const struct cursor *c)
{
	return c->p == c->end || *c->p == ',';
}

/* Move over bytes of these classes. */
static struct tnl_part
span(struct cursor *c, int classes)
{
	struct tnl_part s = { c->p, 0 };

	s.n = tnl_span((const uint8_t *)c->p, (size_t)(c->end - c->p),
	    classes);
	c->p += s.n;
	return s;
}

static void
skip_blanks(struct cursor *c)
{
	(void)span(c, TNL_BLANK);
}

/* Commas too, and were there any?  Members of a list may be empty (RFC 9110
 * section 5.6.1.2). */
static int
skip_gap(struct cursor *c)
{
	int commas = 0;

	for (skip_blanks(c); at(c, ','); skip_blanks(c)) {
		c->p++;
		commas = 1;
	}
	return commas;
}

/* A quoted-string; 0 when it does not end. */
static int
skip_quoted(struct cursor *c)
{
	for (c->p++; c->p < c->end; c->p++) {
		if (*c->p == '"') {
			c->p++;
			return 1;
		}
		if (*c->p == '\\' && ++c->p == c->end)
			return 0;
		if (!tnl_is((uint8_t)*c->p, TNL_VALUE))
			return 0;
	}
	return 0;
}

/* What cannot be read, up to the next comma that is not in quotes. */
static void
skip_member(struct cursor *c)
{
	while (!at_end(c)) {
		if (*c->p != '"')
			c->p++;
		else if (!skip_quoted(c))
			c->p = c->end;
	}
}

/* One parameter, its value with its quotes: 1, and c is behind it; or 0, and c
 * is where it was. */
static int
take_param(struct cursor *c, struct tnl_part *name, struct tnl_part *value)
{
	struct cursor i = *c;

	*name = span(&i, TNL_TOKEN);
	skip_blanks(&i);
	if (name->n == 0 || !at(&i, '='))
		return 0;
	i.p++;
	skip_blanks(&i);
	value->p = i.p;
	if (!at(&i, '"')) {
		while (!at_end(&i) && *i.p != '"' &&
		    tnl_is((uint8_t)*i.p, TNL_TARGET))
			i.p++;
	} else if (!skip_quoted(&i)) {
		return 0;
	}
	value->n = (size_t)(i.p - value->p);
	if (span(&i, TNL_BLANK).n == 0 && !at_end(&i))
		return 0;
	*c = i;
	return 1;
}

static int
take_token68(struct cursor *c, struct tnl_part *token)
{
	struct cursor i = *c;

	while (i.p < i.end && (tnl_is((uint8_t)*i.p, TNL_ALPHA | TNL_DIGIT) ||
	    strchr("-._~+/", *i.p) != NULL))
		i.p++;
	if (i.p == c->p)
		return 0;
	while (at(&i, '='))
		i.p++;
	token->p = c->p;
	token->n = (size_t)(i.p - c->p);
	skip_blanks(&i);
	if (!at_end(&i)) {
		token->n = 0;
		return 0;
	}
	*c = i;
	return 1;
}

/* Does a challenge begin here? */
static int
begins(const struct cursor *c)
{
	struct cursor i = *c;

	if (span(&i, TNL_TOKEN).n == 0)
		return 0;
	if (at_end(&i))
		return 1;
	return span(&i, TNL_BLANK).n > 0 && !at(&i, '=');
}

/* Parameters as far as they go, and was there a comma behind them? */
static int
take_params(struct cursor *c, struct tnl_part *params)
{
	struct tnl_part name, value;
	int comma;

	params->p = c->p;
	do {
		params->n = (size_t)(c->p - params->p);
		comma = skip_gap(c);
	} while ((comma || params->n == 0) && take_param(c, &name, &value));
	return comma;
}

int
tnl_challenge_next(const char **text, struct tnl_challenge *ch)
{
	struct cursor c = { *text, *text + strlen(*text) };
	int comma;

	memset(ch, 0, sizeof *ch);
	for (skip_gap(&c); c.p < c.end && !begins(&c); skip_gap(&c))
		skip_member(&c);
	*text = c.p;
	if (c.p == c.end)
		return 0;
	ch->scheme = span(&c, TNL_TOKEN);
	skip_blanks(&c);
	comma = take_token68(&c, &ch->token) ? skip_gap(&c) :
	    take_params(&c, &ch->params);
	ch->broken = c.p < c.end && !(comma && begins(&c));
	if (ch->broken)
		skip_member(&c);
	*text = c.p;
	return 1;
}

int
tnl_challenge_only(const char *text, struct tnl_challenge *ch)
{
	struct tnl_challenge another;
	const char *p = text;

	return tnl_challenge_next(&p, ch) && ch->scheme.p == text &&
	    !ch->broken && !tnl_challenge_next(&p, &another);
}

int
tnl_challenge_list(const char *text, struct tnl_challenge *ch)
{
	struct cursor c = { text, text + strlen(text) };

	memset(ch, 0, sizeof *ch);
	(void)take_params(&c, &ch->params);
	ch->broken = c.p < c.end;
	return !ch->broken;
}

int
tnl_challenge_is(const struct tnl_challenge *ch, const char *scheme)
{
	return tnl_same_n(ch->scheme.p, ch->scheme.n, scheme, strlen(scheme));
}

/* ---- parameters ----------------------------------------------------- */

/* 1, 0: there is none, or TUNNEL_ESYNTAX: there are two, and who reads the one
 * must not be led past who reads the other. */
static int
find(const struct tnl_challenge *ch, const char *name, struct tnl_part *value)
{
	struct tnl_part have, v;
	struct cursor c;
	int found = 0;

	if (ch->params.n == 0)
		return 0;
	c.p = ch->params.p;
	c.end = c.p + ch->params.n;
	for (skip_gap(&c); take_param(&c, &have, &v); skip_gap(&c)) {
		if (!tnl_same_n(have.p, have.n, name, strlen(name)))
			continue;
		if (found)
			return TUNNEL_ESYNTAX;
		found = 1;
		*value = v;
	}
	return found;
}

/* Without quotes: the next byte of a value, or -1 at its end. */
static int
next_byte(struct tnl_part *v, int quoted)
{
	if (quoted && v->n > 0 && *v->p == '\\') {
		v->p++;
		v->n--;
	}
	if (v->n == 0)
		return -1;
	v->n--;
	return (uint8_t)*v->p++;
}

static int
strip(struct tnl_part *v)
{
	if (v->n == 0 || *v->p != '"')
		return 0;
	v->p++;
	v->n -= 2;
	return 1;
}

int
tnl_challenge_param(const struct tnl_challenge *ch, const char *name,
    char *out, size_t cap)
{
	struct tnl_part v;
	int rv = find(ch, name, &v), quoted, byte;
	size_t n = 0;

	out[0] = '\0';
	if (rv != 1)
		return rv;
	quoted = strip(&v);
	while ((byte = next_byte(&v, quoted)) >= 0) {
		if (n == cap - 1) {
			out[0] = '\0';
			return TUNNEL_EHEAD;
		}
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return 1;
}

int
tnl_challenge_has(const struct tnl_challenge *ch, const char *name,
    const char *value)
{
	struct tnl_part v;
	int quoted, byte;

	if (find(ch, name, &v) != 1)
		return 0;
	quoted = strip(&v);
	for (; (byte = next_byte(&v, quoted)) >= 0; value++)
		if (byte != (uint8_t)*value)
			return 0;
	return *value == '\0';
}
