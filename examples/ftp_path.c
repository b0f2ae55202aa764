/* ftp_path.c - the path of a URL as names for an FTP server (RFC 1738, 3.2)
 *
 * Each part between slashes is one name, to be said in one command, and is
 * decoded after the path has been split: an encoded slash is a byte of a name,
 * which is how "/%2Fetc/" begins at the root instead of where one comes to by
 * itself.  "//etc/" is taken for the same.  Other empty parts, and ".", say
 * nothing.
 *
 * What would be a second command, or climb, is refused; everybody who asks for
 * ".." in good faith has resolved it before (RFC 3986, section 5.2.4).
 */
#include "ftp_path.h"

#include <stdlib.h>
#include <string.h>

#include <tunnel/base.h>

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
ftp_decode(const char *text, size_t n, char *out)
{
	size_t i;
	int high, low;

	for (i = 0; i < n; i++, out++) {
		*out = text[i];
		if (text[i] == '%') {
			high = n - i > 2 ? hex(text[i + 1]) : -1;
			low = high >= 0 ? hex(text[i + 2]) : -1;
			if (low < 0)
				return 0;
			*out = (char)(high * 16 + low);
			i += 2;
		}
		if (*out == '\r' || *out == '\n' || *out == '\0')
			return 0;
	}
	*out = '\0';
	return 1;
}

char *
ftp_encode(const char *name, char *out)
{
	static const char digit[] = "0123456789ABCDEF";
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	unsigned char c;

	for (; *name != '\0'; name++) {
		c = (unsigned char)*name;
		if (strchr(plain, c) != NULL) {
			*out++ = *name;
			continue;
		}
		*out++ = '%';
		*out++ = digit[c >> 4];
		*out++ = digit[c & 15];
	}
	*out = '\0';
	return out;
}

/* Does a name hold ".." as the name of a directory? */
static int
climbs(const char *name)
{
	size_t n;

	for (; *name != '\0'; name += n + (name[n] == '/')) {
		n = strcspn(name, "/");
		if (n == 2 && name[0] == '.' && name[1] == '.')
			return 1;
	}
	return 0;
}

/* Cut ";type=X" off (RFC 1738, section 3.2.2): the new end. */
static size_t
take_type(struct ftp_path *p, const char *text, size_t n)
{
	static const char word[] = ";type=";
	char c;
	size_t i;

	p->type = 'i';
	if (n < sizeof word)
		return n;
	for (i = 0; i + 1 < sizeof word; i++) {
		c = text[n - sizeof word + i];
		if (c != word[i] && (c < 'A' || c > 'Z' ||
		    (c | 0x20) != word[i]))
			return n;
	}
	c = (char)(text[n - 1] | 0x20);
	if (c != 'a' && c != 'i' && c != 'd')
		return n;
	p->type = c;
	return n - sizeof word;
}

/* One name more, of n bytes of text, at out. */
static int
add(struct ftp_path *p, const char *text, size_t n, char *out)
{
	if (!ftp_decode(text, n, out) || climbs(out) ||
	    strlen(out) > FTP_PART_MAX || p->n == FTP_PARTS_MAX)
		return TUNNEL_EINVAL;
	if (strcmp(out, ".") != 0)
		p->part[p->n++] = out;
	return 0;
}

static int
split(struct ftp_path *p, const char *text, const char *end)
{
	char *out = p->bytes;
	size_t n;
	int rv = 0;

	if (end - text > 1 && text[1] == '/')
		rv = add(p, "%2F", 3, out);
	while (rv == 0 && text < end) {
		text++;
		n = 0;
		while (text + n < end && text[n] != '/')
			n++;
		out += strlen(out) + 1;
		if (n > 0)
			rv = add(p, text, n, out);
		p->slash = n == 0 || (rv == 0 && strcmp(out, ".") == 0);
		text += n;
	}
	return rv;
}

int
ftp_path_read(struct ftp_path *p, const char *text, int query)
{
	size_t n = query ? strcspn(text, "?") : strlen(text);
	int rv;

	memset(p, 0, sizeof *p);
	if (*text != '/')
		return TUNNEL_EINVAL;
	n = take_type(p, text, n);
	/* Each part has its NUL where its slash was; the root has its own. */
	p->bytes = calloc(1, n + 4);
	if (p->bytes == NULL)
		return TUNNEL_ENOMEM;
	rv = split(p, text, text + n);
	if (p->n == 0)
		p->slash = 1;
	if (rv < 0)
		ftp_path_free(p);
	return rv;
}

void
ftp_path_free(struct ftp_path *p)
{
	free(p->bytes);
	memset(p, 0, sizeof *p);
}

const char *
ftp_path_name(const struct ftp_path *p)
{
	return p->n > 0 ? p->part[p->n - 1] : NULL;
}
