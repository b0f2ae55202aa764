/* cgi_head.c - what a program says first
 *
 * Lines end in LF or CRLF, and an empty one ends the head (section 6.3).  At
 * least one of the three fields that CGI knows has to be there, and none of
 * them twice: what is no such head might be anything, and is not passed on.
 */
#include "cgi_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
head_begin(struct cgi_head *h)
{
	h->text = NULL;
	h->n = h->line = h->fields = 0;
	h->status = h->sized = 0;
	h->location = h->type = NULL;
	h->length = 0;
}

void
head_end(struct cgi_head *h)
{
	free(h->text);
	head_begin(h);
}

/* Digits alone, as a number of at most max. */
static int
number(const char *text, uint64_t max, uint64_t *v)
{
	const char *p = text;

	for (*v = 0; *p >= '0' && *p <= '9'; p++) {
		if (*v > (max - (uint64_t)(*p - '0')) / 10)
			return -1;
		*v = *v * 10 + (uint64_t)(*p - '0');
	}
	return p == text ? -1 : (int)(p - text);
}

/* Section 6.3.3: three digits, and perhaps a reason. */
static int
read_status(struct cgi_head *h, const char *value)
{
	uint64_t v;
	int n = number(value, 999, &v);

	if (h->status != 0 || n != 3 || v < 200 || v > 599 ||
	    (value[3] != '\0' && value[3] != ' '))
		return -1;
	h->status = (int)v;
	return 0;
}

static int
read_length(struct cgi_head *h, const char *value)
{
	int n = number(value, INT64_MAX, &h->length);

	if (h->sized || n < 0 || value[n] != '\0')
		return -1;
	h->sized = 1;
	return 0;
}

static int
read_once(const char **to, const char *value)
{
	if (*to != NULL || *value == '\0')
		return -1;
	*to = value;
	return 0;
}

static int
take(struct cgi_head *h, const char *name, const char *value)
{
	if (h->fields == CGI_FIELDS_MAX)
		return -1;
	h->field[h->fields].name = name;
	h->field[h->fields++].value = value;
	if (strcasecmp(name, "status") == 0)
		return read_status(h, value);
	if (strcasecmp(name, "content-length") == 0)
		return read_length(h, value);
	if (strcasecmp(name, "location") == 0)
		return read_once(&h->location, value);
	if (strcasecmp(name, "content-type") == 0)
		return read_once(&h->type, value);
	/* How it is framed is not the program's to say; nor is there a field of
	 * requests that would be needed to read a reply. */
	return strcasecmp(name, "transfer-encoding") == 0 ||
	    strcasecmp(name, "host") == 0 ? -1 : 0;
}

/* May it stand in a reply?  It is looked at here, while none has begun: what
 * was said in front of it must not go into the one that says what is wrong. */
static int
can_be_said(const char *name, const char *value)
{
	const char *p;

	for (p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", *p) != NULL)
			return 0;
	for (p = value; *p != '\0'; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return 0;
	return 1;
}

/* One line, without its end: "Name: value". */
static int
read_line(struct cgi_head *h, char *line)
{
	char *colon = strchr(line, ':'), *value, *end;

	if (colon == NULL || colon == line)
		return -1;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return can_be_said(line, value) ? take(h, line, value) : -1;
}

/* All of it has come. */
static int
read_all(struct cgi_head *h)
{
	char *line = h->text, *end;

	if (strlen(h->text) < h->n)
		return -1;
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		if (end > line && end[-1] == '\r')
			end[-1] = '\0';
		if (*line == '\0')
			break;
		if (read_line(h, line) < 0)
			return -1;
		line = end + 1;
	}
	return h->status != 0 || h->location != NULL || h->type != NULL ? 1 :
	    -1;
}

int
head_feed(struct cgi_head *h, const void *in, size_t n, size_t *used)
{
	const char *p = in;

	if (h->text == NULL)
		h->text = malloc(CGI_HEAD_MAX + 1);
	*used = 0;
	if (h->text == NULL)
		return -1;
	while (*used < n && h->n < CGI_HEAD_MAX) {
		h->text[h->n++] = p[*used];
		if (p[(*used)++] != '\n')
			continue;
		if (h->n - h->line == 1 ||
		    (h->n - h->line == 2 && h->text[h->line] == '\r')) {
			h->text[h->n] = '\0';
			return read_all(h);
		}
		h->line = h->n;
	}
	return h->n == CGI_HEAD_MAX ? -1 : 0;
}

/* A path, and nobody's status; "//" would begin a host to some readers. */
const char *
head_local(const struct cgi_head *h)
{
	return h->status == 0 && h->location != NULL &&
	    h->location[0] == '/' && h->location[1] != '/' ? h->location :
	    NULL;
}

int
head_status(const struct cgi_head *h)
{
	return h->status != 0 ? h->status : h->location != NULL ? 302 : 200;
}

int
head_keeps(const char *name)
{
	static const char *const kept[] = { "status", "content-length",
	    "connection", "date", "keep-alive", "proxy-connection", "te",
	    "trailer", "upgrade" };
	size_t i;

	/* Extensions of CGI that nobody has told us of (section 6.3.5). */
	if (strncasecmp(name, "x-cgi-", 6) == 0)
		return 1;
	for (i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (strcasecmp(name, kept[i]) == 0)
			return 1;
	return 0;
}
