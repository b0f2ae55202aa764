/* ftp_talk.h - what is said to an FTP server, and understood of it */
#ifndef FTP_TALK_H
#define FTP_TALK_H

#include "ftp_path.h"
#include "ftp_reply.h"

enum { FTP_NEWS_MAX = 1000 };

enum ftp_verb { FTP_GET, FTP_HEAD, FTP_PUT, FTP_DELETE };

enum ftp_state {
	FTP_GREETING, FTP_USER, FTP_PASS, FTP_TYPE, FTP_CWD, FTP_SIZE,
	FTP_TRY_CWD, FTP_MDTM, FTP_DECIDE, FTP_EPSV, FTP_PASV, FTP_DIALLING,
	FTP_REST, FTP_ASKED, FTP_FLOWING, FTP_COMPLETE, FTP_DELE, FTP_RMD,
	FTP_LOOK, FTP_OVER
};

/* What a talk waits for, computed from its state. */
enum ftp_flag {
	FTP_SAY = 1,            /* send command, then ftp_talk_said */
	FTP_FOUND = 2,          /* size and when are there: ftp_talk_fetch, or
				 * leave it at that */
	FTP_DIAL = 4,           /* connect to port, then ftp_talk_connected */
	FTP_FLOW = 8,           /* the data connection is to be used now */
	FTP_SURE = 16,          /* and by what the server says is complete */
	FTP_DONE = 32           /* status is there, of HTTP */
};

struct ftp_talk {
	/* What is asked for; these are borrowed. */
	enum ftp_verb verb;
	const struct ftp_path *path;
	const char *user;
	const char *password;   /* or NULL */
	int conditional;        /* a removal is to be decided on, too */

	/* What is known: -1 is unknown.  when is in UTC. */
	long long size, when;
	long long from;         /* where the file is sent from */
	int listing;            /* FTP_FLOW is of a directory's list */
	int mlsd;               /* and that is one for programs */
	unsigned port;          /* to connect to */
	int status;             /* 200, 201, 204; 301: it is a directory; or
				 * 400 to 599 */
	int code;               /* the reply to blame, or 0 */
	char said[FTP_TEXT_MAX]; /* its text */

	char command[2 * FTP_PART_MAX + 16]; /* with its CRLF, or "" */

	/* Its own. */
	enum ftp_state state;
	size_t parts;           /* names we have gone into */
	int passive;            /* EPSV is not understood */
	int news;               /* replies that were no answer to the last
				 * command */
};

/* Connected; awaiting the greeting. */
void ftp_talk_start(struct ftp_talk *t);

/* A reply has come; a connection to port is there; go on from FTP_FOUND, and
 * have the file from there on, or remove it.  The flags then. */
int ftp_talk_reply(struct ftp_talk *t, const struct ftp_reply *r);
int ftp_talk_connected(struct ftp_talk *t);
int ftp_talk_fetch(struct ftp_talk *t, long long from);
int ftp_talk_flags(const struct ftp_talk *t);

/* What has come is no reply. */
void ftp_talk_garbled(struct ftp_talk *t);

/* command was sent. */
void ftp_talk_said(struct ftp_talk *t);

/* Whether a reply is awaited, once command was sent. */
int ftp_talk_awaits(const struct ftp_talk *t);

#endif
