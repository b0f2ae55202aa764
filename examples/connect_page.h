/* connect_page.h - what a reply that is no tunnel is about */
#ifndef CONNECT_PAGE_H
#define CONNECT_PAGE_H

#include <stddef.h>

#include <tunnel.h>

/* The title of an HTML page, or else the first line of a text, or what a field
 * says is the cause, in brackets behind a blank; or "", also when it would only
 * repeat the reply's first line. */
void page_title(const struct tunnel_client *cl, char *out, size_t cap);

/* The same of a page that came where a tunnel should begin. */
void page_title_of(const char *page, size_t n, char *out, size_t cap);

/* Does the reply say that a page is coming? */
int page_is_html(const struct tunnel_client *cl);

/* Does such a page begin here, by the reply before it?  -1: more is needed to
 * tell. */
int page_begins(const struct tunnel_client *cl, const char *p, size_t n);

/* The host that a redirection leads to, or "". */
void page_location(const struct tunnel_client *cl, char *out, size_t cap);

/* The authentication schemes that a 407 offers, as "Negotiate, NTLM"; or "". */
void page_schemes(const struct tunnel_client *cl, char *out, size_t cap);

/* Does the page say that TLS is spoken there? */
int page_wants_tls(const struct tunnel_client *cl);

/* The first words of something else than HTTP, as the titles are; or "". */
void page_words(const char *p, size_t n, char *out, size_t cap);

/* What speaks at a port, by its first bytes; NULL when that is not known. */
const char *page_speaker(const char *p, size_t n);

#endif
