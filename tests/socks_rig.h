/* socks_rig.h - what a client of SOCKS says, and what it hears */
#ifndef SOCKS_RIG_H
#define SOCKS_RIG_H

#include <stddef.h>
#include <stdint.h>

#include <tunnel.h>

/* What a string literal holds, NULs and all. */
#define BYTES(text) text, sizeof text - 1

#define HELLO "\x05\x01\x00"
#define HELLO_USER "\x05\x02\x00\x02"
#define USER "\x01\x07" "Aladdin" "\x0b" "open sesame"
#define NAMED(n, name) "\x05\x01\x00\x03" n name
#define OPENED "\x05\x00\x00\x01\0\0\0\0\0\0"
#define REFUSED_WITH(number) "\x05" number "\x00\x01\0\0\0\0\0\0"

struct heard {
	uint8_t said[256];      /* to the client */
	size_t n;
};

/* Take all there is to say, through a small hole. */
void socks_listen(struct tunnel_socks *s, struct heard *h);

/* ---- a client of proxy_rig.h's proxy -------------------------------- */

/* Say these bytes; step until these come; and then the end, no reset, after
 * which no session is left. */
void socks_say(int fd, const char *p, size_t n);
void socks_hears(int fd, const char *want, size_t n);
void socks_hears_last(int fd, const char *want, size_t n);

/* A request by a name: how many bytes it is; say it. */
size_t socks_request(char *out, const char *host, unsigned port);
void socks_ask(int fd, const char *host, unsigned port);

/* Who dials the origin. */
int socks_comes(void);

#endif
