/* connect_netrc.c - the file in which ftp(1) and others keep passwords
 *
 *      machine NAME | default
 *              login NAME   password TEXT   account TEXT
 *      macdef NAME, and lines up to an empty one
 *
 * Tokens stand between blanks, or in double quotes, in which a backslash takes
 * the next character as it is (and \n, \r and \t are what they are in C).  What
 * is not known is passed over, as others do.  A line that begins with '#' is a
 * comment.
 */
#include "connect_netrc.h"

#include <string.h>
#include <strings.h>

struct reader {
	char *at;
	int fresh;              /* at the beginning of a line */
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* To the next token; 0 at the end. */
static int
skip(struct reader *r)
{
	for (;;) {
		while (is_blank(*r->at)) {
			r->fresh = *r->at == '\n';
			r->at++;
		}
		if (*r->at != '#' || !r->fresh)
			break;
		r->at += strcspn(r->at, "\n");
	}
	r->fresh = 0;
	return *r->at != '\0';
}

/* Undo the quotes in place. */
static char *
quoted(struct reader *r)
{
	char *token = ++r->at, *out = token;

	for (; *r->at != '\0' && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at[1] != '\0') {
			r->at++;
			*out++ = (char)(*r->at == 'n' ? '\n' :
			    *r->at == 'r' ? '\r' : *r->at == 't' ? '\t' :
			    *r->at);
		} else {
			*out++ = *r->at;
		}
	}
	if (*r->at != '\0')
		r->at++;
	*out = '\0';
	return token;
}

/* The next token, or NULL. */
static char *
next(struct reader *r)
{
	char *token;

	if (!skip(r))
		return NULL;
	if (*r->at == '"')
		return quoted(r);
	token = r->at;
	while (*r->at != '\0' && !is_blank(*r->at))
		r->at++;
	if (*r->at != '\0') {
		r->fresh = *r->at == '\n';
		*r->at++ = '\0';
	}
	return token;
}

/* A macro goes to the next empty line. */
static void
skip_macro(struct reader *r)
{
	char *end;

	(void)next(r);
	if (*r->at == '\n')
		return;
	end = strstr(r->at, "\n\n");
	r->at = end != NULL ? end : r->at + strlen(r->at);
}

/* An entry is complete: 1 when it is what is looked for. */
static int
take(struct account *a, const char *login, const char *password)
{
	if ((login == NULL && (a->user == NULL || password == NULL)) ||
	    (login != NULL && a->user != NULL && strcmp(login, a->user) != 0))
		return 0;
	a->found_user = login != NULL ? login : a->user;
	a->user_n = strlen(a->found_user);
	a->found_password = password;
	a->password_n = password != NULL ? strlen(password) : 0;
	return 1;
}

int
account_in_netrc(struct account *a, char *text)
{
	struct reader r = { NULL, 1 };
	char *token, *value, *login = NULL, *password = NULL;
	int fits = 0;

	r.at = text;
	while ((token = next(&r)) != NULL) {
		if (strcmp(token, "machine") == 0 ||
		    strcmp(token, "default") == 0) {
			if (fits && take(a, login, password))
				return 1;
			login = password = NULL;
			value = *token == 'm' ? next(&r) : NULL;
			fits = *token == 'd' || (value != NULL &&
			    strcasecmp(value, a->host) == 0);
		} else if (strcmp(token, "macdef") == 0) {
			skip_macro(&r);
		} else if (strcmp(token, "login") == 0) {
			login = next(&r);
		} else if (strcmp(token, "password") == 0) {
			password = next(&r);
		} else if (strcmp(token, "account") == 0) {
			(void)next(&r);
		}
	}
	return fits && take(a, login, password);
}
