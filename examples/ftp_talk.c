/* ftp_talk.c - what is said to an FTP server, and understood of it
 *
 * One request of HTTP is one conversation (RFC 959, 2428, 3659), without I/O:
 *
 *      GREETING - USER - PASS - TYPE - CWD...
 *        a file     SIZE - MDTM - DECIDE - EPSV (PASV) - DIALLING - REST -
 *                   ASKED (RETR, STOR) - FLOWING - COMPLETE - OVER
 *                   SIZE or RETR refused: TRY_CWD, for it may be a directory
 *        a list     EPSV - DIALLING - ASKED (MLSD), and all again with LIST
 *        a removal  DELE or RMD - LOOK, whether it is still there; under a
 *                   condition, as a file up to DECIDE, and then that
 *
 * Each reply is an answer to the one command before it, and is looked at only
 * when that was said.  Names are said one at a time (RFC 1738, section 3.2.2),
 * the way that every server's own notion of a path agrees with.
 */
#include "ftp_talk.h"

#include <stdio.h>
#include <string.h>

#include "ftp_steps.h"

void
ftp_go(struct ftp_talk *t, enum ftp_state state)
{
	t->state = state;
}

/* The next command; what has a name is said by name. */
void
ftp_say(struct ftp_talk *t, const char *word, const char *name,
    enum ftp_state state)
{
	char *p = t->command;
	size_t n = strlen(word);

	memcpy(p, word, n);
	p += n;
	if (name != NULL)
		*p++ = ' ';
	for (; name != NULL && *name != '\0'; name++) {
		*p++ = *name;
		/* The connection speaks Telnet, where it begins a command. */
		if (*name == '\xff')
			*p++ = *name;
	}
	memcpy(p, "\r\n", 3);
	t->news = 0;
	ftp_go(t, state);
}

void
ftp_over(struct ftp_talk *t, int status)
{
	t->status = status;
	ftp_go(t, FTP_OVER);
}

void
ftp_fail(struct ftp_talk *t, const struct ftp_reply *r, enum ftp_matter matter)
{
	t->code = r->code;
	(void)snprintf(t->said, sizeof t->said, "%s", r->text);
	ftp_over(t, ftp_status(r->code, matter));
}

int
ftp_good(const struct ftp_reply *r)
{
	return r->code >= 200 && r->code < 300;
}

/* ---- logging in ----------------------------------------------------- */

static void
at_greeting(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 220)
		ftp_say(t, "USER", t->user, FTP_USER);
	else
		ftp_fail(t, r, FTP_TO_SETUP);
}

static void
at_login(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (ftp_good(r))
		ftp_say(t, t->path->type == 'a' ? "TYPE A" : "TYPE I", NULL,
		    FTP_TYPE);
	else
		ftp_fail(t, r, FTP_TO_LOGIN);
}

static void
at_user(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code != 331) {
		at_login(t, r);
	} else if (t->password != NULL) {
		ftp_say(t, "PASS", t->password, FTP_PASS);
	} else {
		ftp_fail(t, r, FTP_TO_LOGIN);
		t->status = 401;
	}
}

/* ---- going there ---------------------------------------------------- */

/* Into the next directory on the way, if there is one more. */
static void
walk(struct ftp_talk *t)
{
	size_t n = t->path->n;

	if (n > 0 && (!t->path->slash || t->verb == FTP_DELETE))
		n--;
	if (t->parts < n)
		ftp_say(t, "CWD", t->path->part[t->parts++], FTP_CWD);
	else
		ftp_arrive(t);
}

static void
at_type(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (ftp_good(r))
		walk(t);
	else
		ftp_fail(t, r, FTP_TO_SETUP);
}

static void
at_cwd(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (ftp_good(r)) {
		walk(t);
		return;
	}
	ftp_fail(t, r, FTP_TO_PATH);
	/* There is nowhere to put it (RFC 4918, section 9.7.1). */
	if (t->verb == FTP_PUT && t->status == 404)
		t->status = 409;
}

/* ---- all together --------------------------------------------------- */

static void
step(struct ftp_talk *t, const struct ftp_reply *r)
{
	switch (t->state) {
	case FTP_GREETING:
		at_greeting(t, r);
		return;
	case FTP_USER:
		at_user(t, r);
		return;
	case FTP_PASS:
		at_login(t, r);
		return;
	case FTP_TYPE:
		at_type(t, r);
		return;
	case FTP_CWD:
		at_cwd(t, r);
		return;
	case FTP_SIZE:
		ftp_at_size(t, r);
		return;
	case FTP_TRY_CWD:
		ftp_at_try_cwd(t, r);
		return;
	case FTP_MDTM:
		ftp_at_mdtm(t, r);
		return;
	case FTP_EPSV:
		ftp_at_epsv(t, r);
		return;
	case FTP_PASV:
		ftp_at_pasv(t, r);
		return;
	case FTP_REST:
		ftp_at_rest(t, r);
		return;
	case FTP_ASKED:
		ftp_at_asked(t, r);
		return;
	case FTP_FLOWING:
		ftp_at_flowing(t, r);
		return;
	case FTP_DELE:
	case FTP_RMD:
		ftp_at_removal(t, r);
		return;
	case FTP_LOOK:
		ftp_over(t, ftp_good(r) ? 403 : t->status);
		return;
	case FTP_DECIDE:
	case FTP_DIALLING:
	case FTP_COMPLETE:
	case FTP_OVER:
		return;
	}
}

void
ftp_talk_start(struct ftp_talk *t)
{
	t->size = t->when = -1;
	ftp_go(t, FTP_GREETING);
}

int
ftp_talk_reply(struct ftp_talk *t, const struct ftp_reply *r)
{
	/* "Wait", and other news, are no answer; without an end, they would be
	 * all that we ever do. */
	if (r->code < 200 && t->state != FTP_ASKED) {
		if (++t->news > FTP_NEWS_MAX)
			ftp_talk_garbled(t);
		return ftp_talk_flags(t);
	}
	if (r->code == 421 && t->state < FTP_COMPLETE)
		ftp_fail(t, r, FTP_TO_SETUP);
	else
		step(t, r);
	return ftp_talk_flags(t);
}

void
ftp_talk_garbled(struct ftp_talk *t)
{
	t->code = 0;
	(void)strcpy(t->said, "what the server says is not FTP");
	ftp_over(t, 502);
}

void
ftp_talk_said(struct ftp_talk *t)
{
	/* It may have been a password. */
	memset(t->command, 0, sizeof t->command);
}

int
ftp_talk_awaits(const struct ftp_talk *t)
{
	return t->state != FTP_DECIDE && t->state != FTP_DIALLING &&
	    t->state != FTP_COMPLETE && t->state != FTP_OVER;
}

int
ftp_talk_flags(const struct ftp_talk *t)
{
	int flags = t->command[0] != '\0' ? FTP_SAY : 0;

	switch (t->state) {
	case FTP_DECIDE:
		return flags | FTP_FOUND;
	case FTP_DIALLING:
		return flags | FTP_DIAL;
	case FTP_FLOWING:
		return flags | FTP_FLOW;
	case FTP_COMPLETE:
		return flags | FTP_FLOW | FTP_SURE;
	case FTP_OVER:
		return flags | FTP_DONE;
	default:
		return flags;
	}
}
