/* ftp_session.h - a conversation with an FTP server, over sockets */
#ifndef FTP_SESSION_H
#define FTP_SESSION_H

#include <tunnel.h>

#include "ftp_talk.h"

/* What all of them share. */
struct ftp_world {
	struct tunnel_loop *loop;
	struct tunnel_resolver *resolver;
	const struct tunnel_policy *policy; /* or NULL: any address will do */
	uint64_t dial_ms;       /* to connect */
	uint64_t wait_ms;       /* for a reply, for data, for room for data */
};

struct ftp_session;

/* A session that has not begun; moved is called, never from inside a call,
 * whenever one of the getters may tell something new, and may free it. */
struct ftp_session *ftp_session_new(const struct ftp_world *w,
    tunnel_call_fn moved, void *ud);
void ftp_session_free(struct ftp_session *s);

/* What is asked for, to be filled in before the start; what is known, then. */
struct ftp_talk *ftp_session_talk(struct ftp_session *s);

/* 0 or an error. */
int ftp_session_start(struct ftp_session *s, const char *host,
    unsigned port);

/* The flags of the talk; FTP_SURE comes with the end of what it sends. */
int ftp_session_flags(const struct ftp_session *s);

/* Why there is no more to be had: the connection, or its time; or 0. */
int ftp_session_error(const struct ftp_session *s);

/* At FTP_FOUND: go on, and have the file from there on, or remove it. */
void ftp_session_fetch(struct ftp_session *s, long long from);

/* At FTP_FLOW: data that has come, at least two bytes unless there are fewer so
 * far, and how many are done with; 1 when no more will come, and the server has
 * said that this is all. */
const char *ftp_session_peek(struct ftp_session *s, size_t *n);
void ftp_session_skip(struct ftp_session *s, size_t n);
int ftp_session_ended(const struct ftp_session *s);

/* There is more to be done, after others have had their turn: moved is called
 * then. */
void ftp_session_later(struct ftp_session *s);

/* The same the other way: how many of n bytes were taken; that is all. */
size_t ftp_session_put(struct ftp_session *s, const void *in, size_t n);
void ftp_session_finish(struct ftp_session *s);

#endif
