/* ftp_talk.c - what is said to an FTP server, and understood of it
 *
 * One request of HTTP is one conversation (RFC 959, 2428, 3659), without I/O:
 *
 *      GREETING - USER - PASS - TYPE - CWD...
 *        a file     SIZE - MDTM - DECIDE - EPSV (PASV) - DIALLING - REST -
 *                   ASKED (RETR, STOR) - FLOWING - COMPLETE - OVER
 *                   SIZE or RETR refused: TRY_CWD, for it may be a directory
 *        a list     EPSV - DIALLING - ASKED (MLSD), and all again with LIST
 *        a removal  DELE or RMD - LOOK, whether it is still there
 *
 * Each reply is an answer to the one command before it; a reply nobody has asked
 * for ends the conversation, since all behind it would be taken for another's.
 * Names are said one at a time (RFC 1738, section 3.2.2), the way that every
 * server's own notion of a path agrees with.
 */
#include "ftp_talk.h"

#include <stdio.h>
#include <string.h>

#include "ftp_status.h"
#include "ftp_time.h"

enum { PORT_MIN = 1024 };

static void
go(struct ftp_talk *t, enum ftp_state state)
{
	t->state = state;
}

/* The next command; what has a name is said by name. */
static void
say(struct ftp_talk *t, const char *word, const char *name,
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
	go(t, state);
}

static void
over(struct ftp_talk *t, int status)
{
	t->status = status;
	go(t, FTP_OVER);
}

static void
fail(struct ftp_talk *t, const struct ftp_reply *r, enum ftp_matter matter)
{
	t->code = r->code;
	(void)snprintf(t->said, sizeof t->said, "%s", r->text);
	over(t, ftp_status(r->code, matter));
}

static int
good(const struct ftp_reply *r)
{
	return r->code >= 200 && r->code < 300;
}

/* ---- logging in ----------------------------------------------------- */

static void
at_greeting(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 220)
		say(t, "USER", t->user, FTP_USER);
	else
		fail(t, r, FTP_TO_SETUP);
}

static void
at_user(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 331 && t->password != NULL)
		say(t, "PASS", t->password, FTP_PASS);
	else if (r->code == 331)
		fail(t, &(struct ftp_reply){ .code = 530,
		    .text = "a password is wanted" }, FTP_TO_LOGIN);
	else if (good(r))
		say(t, t->path->type == 'a' ? "TYPE A" : "TYPE I", NULL,
		    FTP_TYPE);
	else
		fail(t, r, FTP_TO_LOGIN);
}

static void
at_pass(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (good(r))
		say(t, t->path->type == 'a' ? "TYPE A" : "TYPE I", NULL,
		    FTP_TYPE);
	else
		fail(t, r, FTP_TO_LOGIN);
}

/* ---- going there ---------------------------------------------------- */

static void
open_data(struct ftp_talk *t)
{
	if (t->passive)
		say(t, "PASV", NULL, FTP_PASV);
	else
		say(t, "EPSV", NULL, FTP_EPSV);
}

/* We are in the directory that is meant, or that holds what is. */
static void
arrive(struct ftp_talk *t)
{
	const char *name = ftp_path_name(t->path);

	t->listing = t->path->slash;
	switch (t->verb) {
	case FTP_GET:
	case FTP_HEAD:
		if (t->listing && t->verb == FTP_HEAD) {
			over(t, 200);
		} else if (t->listing) {
			t->mlsd = 1;
			open_data(t);
		} else if (t->path->type == 'a') {
			/* Of a text the size is another after its transfer. */
			say(t, "MDTM", name, FTP_MDTM);
		} else {
			say(t, "SIZE", name, FTP_SIZE);
		}
		break;
	case FTP_PUT:
		say(t, "SIZE", name, FTP_SIZE);
		break;
	case FTP_DELETE:
		if (t->listing)
			say(t, "RMD", name, FTP_RMD);
		else
			say(t, "DELE", name, FTP_DELE);
		break;
	}
}

/* Into the next directory on the way, if there is one more. */
static void
walk(struct ftp_talk *t)
{
	size_t n = t->path->n;

	if (n > 0 && (!t->path->slash || t->verb == FTP_DELETE))
		n--;
	if (t->parts < n)
		say(t, "CWD", t->path->part[t->parts++], FTP_CWD);
	else
		arrive(t);
}

static void
at_type(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (good(r))
		walk(t);
	else
		fail(t, r, FTP_TO_SETUP);
}

static void
at_cwd(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (good(r)) {
		walk(t);
		return;
	}
	fail(t, r, FTP_TO_PATH);
	/* There is nowhere to put it (RFC 4918, section 9.7.1). */
	if (t->verb == FTP_PUT && t->status == 404)
		t->status = 409;
}

/* ---- a file --------------------------------------------------------- */

static void
at_size(struct ftp_talk *t, const struct ftp_reply *r)
{
	const char *name = ftp_path_name(t->path);

	if (r->code == 213)
		t->size = ftp_reply_number(r->text);
	if (t->size >= 0)
		say(t, "MDTM", name, FTP_MDTM);
	else if (r->code < 500)
		fail(t, r, FTP_TO_PATH);
	else if (t->verb == FTP_PUT)
		go(t, FTP_DECIDE);
	else
		say(t, "CWD", name, FTP_TRY_CWD);
}

static void
at_try_cwd(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (good(r))
		over(t, 301);
	else if (t->code != 0)
		/* It was refused as a file before, and it exists. */
		over(t, t->size >= 0 ? 403 : t->status);
	else
		say(t, "MDTM", ftp_path_name(t->path), FTP_MDTM);
}

static void
at_mdtm(struct ftp_talk *t, const struct ftp_reply *r)
{
	const char *text = r->text + strspn(r->text, " ");

	if (r->code == 213)
		t->when = ftp_time_read(text, strcspn(text, " "));
	go(t, FTP_DECIDE);
}

/* ---- the data connection -------------------------------------------- */

static void
take_port(struct ftp_talk *t, const struct ftp_reply *r, unsigned port)
{
	t->port = port;
	if (port >= PORT_MIN)
		go(t, FTP_DIALLING);
	else
		/* Whoever listens there is not at this server's bidding. */
		fail(t, r, FTP_TO_SETUP);
}

static void
at_epsv(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 229) {
		take_port(t, r, ftp_reply_extended(r->text));
	} else if (r->code >= 500 && r->code != 530) {
		t->passive = 1;
		open_data(t);
	} else {
		fail(t, r, FTP_TO_SETUP);
	}
}

static void
at_pasv(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 227)
		take_port(t, r, ftp_reply_passive(r->text));
	else
		fail(t, r, FTP_TO_SETUP);
}

static void
ask(struct ftp_talk *t)
{
	const char *name = ftp_path_name(t->path);

	if (t->listing)
		say(t, t->mlsd ? "MLSD" : "LIST", NULL, FTP_ASKED);
	else
		say(t, t->verb == FTP_PUT ? "STOR" : "RETR", name, FTP_ASKED);
}

int
ftp_talk_connected(struct ftp_talk *t)
{
	char at[24];

	if (t->state == FTP_DIALLING && t->from > 0) {
		(void)snprintf(at, sizeof at, "%lld", t->from);
		say(t, "REST", at, FTP_REST);
	} else if (t->state == FTP_DIALLING) {
		ask(t);
	}
	return ftp_talk_flags(t);
}

static void
at_rest(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code != 350)
		t->from = 0;
	ask(t);
}

static void
at_asked(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code < 200) {
		go(t, FTP_FLOWING);
	} else if (good(r)) {
		go(t, FTP_COMPLETE);
	} else if (t->listing && t->mlsd && r->code >= 500 && r->code < 530) {
		t->mlsd = 0;
		open_data(t);
	} else {
		fail(t, r, t->verb == FTP_PUT ? FTP_TO_STORE : FTP_TO_PATH);
		if (t->verb != FTP_PUT && !t->listing && r->code == 550)
			say(t, "CWD", ftp_path_name(t->path), FTP_TRY_CWD);
	}
}

static void
at_flowing(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (good(r))
		go(t, FTP_COMPLETE);
	else if (r->code >= 200)
		fail(t, r, t->verb == FTP_PUT ? FTP_TO_STORE : FTP_TO_PATH);
}

/* ---- a removal ------------------------------------------------------ */

static void
at_removal(struct ftp_talk *t, const struct ftp_reply *r)
{
	int file = t->state == FTP_DELE;

	if (good(r)) {
		over(t, 204);
		return;
	}
	fail(t, r, FTP_TO_PATH);
	/* Is it that it is not there, or that it may not go? */
	if (r->code == 550)
		say(t, file ? "SIZE" : "CWD", ftp_path_name(t->path),
		    FTP_LOOK);
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
		at_pass(t, r);
		return;
	case FTP_TYPE:
		at_type(t, r);
		return;
	case FTP_CWD:
		at_cwd(t, r);
		return;
	case FTP_SIZE:
		at_size(t, r);
		return;
	case FTP_TRY_CWD:
		at_try_cwd(t, r);
		return;
	case FTP_MDTM:
		at_mdtm(t, r);
		return;
	case FTP_EPSV:
		at_epsv(t, r);
		return;
	case FTP_PASV:
		at_pasv(t, r);
		return;
	case FTP_REST:
		at_rest(t, r);
		return;
	case FTP_ASKED:
		at_asked(t, r);
		return;
	case FTP_FLOWING:
		at_flowing(t, r);
		return;
	case FTP_DELE:
	case FTP_RMD:
		at_removal(t, r);
		return;
	case FTP_LOOK:
		over(t, good(r) ? 403 : t->status);
		return;
	case FTP_DECIDE:
	case FTP_DIALLING:
		fail(t, r, FTP_TO_SETUP);
		return;
	case FTP_COMPLETE:
	case FTP_OVER:
		return;
	}
}

void
ftp_talk_start(struct ftp_talk *t)
{
	t->size = t->when = -1;
	go(t, FTP_GREETING);
}

int
ftp_talk_reply(struct ftp_talk *t, const struct ftp_reply *r)
{
	/* "Wait", and other news, are no answer. */
	if (r->code < 200 && t->state != FTP_ASKED)
		return ftp_talk_flags(t);
	if (r->code == 421 && t->state < FTP_COMPLETE)
		fail(t, r, FTP_TO_SETUP);
	else
		step(t, r);
	return ftp_talk_flags(t);
}

int
ftp_talk_fetch(struct ftp_talk *t, long long from)
{
	if (t->state == FTP_DECIDE) {
		t->from = from;
		open_data(t);
	}
	return ftp_talk_flags(t);
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
