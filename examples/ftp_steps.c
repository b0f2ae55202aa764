/* ftp_steps.c - the steps of a talk at which it comes to the file itself
 *
 * What can be had of a name is found out by trying, as FTP has no better way: a
 * SIZE that is refused may mean a directory, a file that may not be read, a
 * server that does not know SIZE, or nothing at all.
 */
#include "ftp_steps.h"

#include <stdio.h>
#include <string.h>

#include "ftp_time.h"

enum { PORT_MIN = 1024 };

void
ftp_open_data(struct ftp_talk *t)
{
	if (t->passive)
		ftp_say(t, "PASV", NULL, FTP_PASV);
	else
		ftp_say(t, "EPSV", NULL, FTP_EPSV);
}

/* When was it changed?  Not by a command that some servers take for another, to
 * say when it was: "MDTM 20260102030405 name". */
static void
ask_when(struct ftp_talk *t)
{
	const char *name = ftp_path_name(t->path);

	if (strspn(name, "0123456789") >= 14 &&
	    strpbrk(name + 14, " ;") != NULL)
		ftp_go(t, FTP_DECIDE);
	else
		ftp_say(t, "MDTM", name, FTP_MDTM);
}

static void
remove_it(struct ftp_talk *t)
{
	const char *name = ftp_path_name(t->path);

	if (t->listing)
		ftp_say(t, "RMD", name, FTP_RMD);
	else
		ftp_say(t, "DELE", name, FTP_DELE);
}

void
ftp_arrive(struct ftp_talk *t)
{
	const char *name = ftp_path_name(t->path);

	t->listing = t->path->slash;
	switch (t->verb) {
	case FTP_GET:
	case FTP_HEAD:
		if (t->listing && t->verb == FTP_HEAD) {
			ftp_over(t, 200);
		} else if (t->listing) {
			t->mlsd = 1;
			ftp_open_data(t);
		} else if (t->path->type == 'a') {
			/* Of a text the size is another after its transfer. */
			ask_when(t);
		} else {
			ftp_say(t, "SIZE", name, FTP_SIZE);
		}
		break;
	case FTP_PUT:
		ftp_say(t, "SIZE", name, FTP_SIZE);
		break;
	case FTP_DELETE:
		/* Of a directory there is nothing to be known. */
		if (t->conditional && t->listing)
			ftp_go(t, FTP_DECIDE);
		else if (t->conditional)
			ftp_say(t, "SIZE", name, FTP_SIZE);
		else
			remove_it(t);
		break;
	}
}

/* ---- a file --------------------------------------------------------- */

void
ftp_at_size(struct ftp_talk *t, const struct ftp_reply *r)
{
	const char *name = ftp_path_name(t->path);

	if (r->code == 213)
		t->size = ftp_reply_number(r->text);
	if (t->size >= 0 || t->verb == FTP_DELETE)
		ask_when(t);
	else if (t->verb == FTP_PUT)
		ftp_go(t, FTP_DECIDE);
	else
		ftp_say(t, "CWD", name, FTP_TRY_CWD);
}

int
ftp_talk_fetch(struct ftp_talk *t, long long from)
{
	if (t->state == FTP_DECIDE && t->verb == FTP_DELETE) {
		remove_it(t);
	} else if (t->state == FTP_DECIDE) {
		t->from = from;
		ftp_open_data(t);
	}
	return ftp_talk_flags(t);
}

void
ftp_at_try_cwd(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (ftp_good(r))
		ftp_over(t, 301);
	else if (t->code != 0)
		/* It was refused as a file before, and it exists. */
		ftp_over(t, t->size >= 0 || t->when >= 0 ? 403 : t->status);
	else
		ask_when(t);
}

void
ftp_at_mdtm(struct ftp_talk *t, const struct ftp_reply *r)
{
	const char *text = r->text + strspn(r->text, " ");

	if (r->code == 213)
		t->when = ftp_time_read(text, strcspn(text, " "));
	ftp_go(t, FTP_DECIDE);
}

/* ---- the data connection -------------------------------------------- */

static void
take_port(struct ftp_talk *t, const struct ftp_reply *r, unsigned port)
{
	t->port = port;
	if (port >= PORT_MIN)
		ftp_go(t, FTP_DIALLING);
	else
		/* Whoever listens there is not at this server's bidding. */
		ftp_fail(t, r, FTP_TO_SETUP);
}

void
ftp_at_epsv(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 229) {
		take_port(t, r, ftp_reply_extended(r->text));
	} else if (r->code >= 500 && r->code != 530) {
		t->passive = 1;
		ftp_open_data(t);
	} else {
		ftp_fail(t, r, FTP_TO_SETUP);
	}
}

void
ftp_at_pasv(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code == 227)
		take_port(t, r, ftp_reply_passive(r->text));
	else
		ftp_fail(t, r, FTP_TO_SETUP);
}

static void
ask(struct ftp_talk *t)
{
	const char *name = ftp_path_name(t->path);

	if (t->listing)
		ftp_say(t, t->mlsd ? "MLSD" : "LIST", NULL, FTP_ASKED);
	else
		ftp_say(t, t->verb == FTP_PUT ? "STOR" : "RETR", name,
		    FTP_ASKED);
}

int
ftp_talk_connected(struct ftp_talk *t)
{
	char at[24];

	if (t->state == FTP_DIALLING && t->from > 0) {
		(void)snprintf(at, sizeof at, "%lld", t->from);
		ftp_say(t, "REST", at, FTP_REST);
	} else if (t->state == FTP_DIALLING) {
		ask(t);
	}
	return ftp_talk_flags(t);
}

void
ftp_at_rest(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code != 350)
		t->from = 0;
	ask(t);
}

void
ftp_at_asked(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (r->code < 200) {
		ftp_go(t, FTP_FLOWING);
	} else if (ftp_good(r)) {
		ftp_go(t, FTP_COMPLETE);
	} else if (t->listing && t->mlsd && r->code >= 500 && r->code < 530) {
		t->mlsd = 0;
		ftp_open_data(t);
	} else {
		ftp_fail(t, r, t->verb == FTP_PUT ? FTP_TO_STORE : FTP_TO_PATH);
		if (t->verb != FTP_PUT && !t->listing && r->code == 550)
			ftp_say(t, "CWD", ftp_path_name(t->path), FTP_TRY_CWD);
	}
}

void
ftp_at_flowing(struct ftp_talk *t, const struct ftp_reply *r)
{
	if (ftp_good(r))
		ftp_go(t, FTP_COMPLETE);
	else if (r->code >= 200)
		ftp_fail(t, r, t->verb == FTP_PUT ? FTP_TO_STORE : FTP_TO_PATH);
}

/* ---- a removal ------------------------------------------------------ */

void
ftp_at_removal(struct ftp_talk *t, const struct ftp_reply *r)
{
	int file = t->state == FTP_DELE;

	if (ftp_good(r)) {
		ftp_over(t, 204);
		return;
	}
	ftp_fail(t, r, FTP_TO_PATH);
	/* Is it that it is not there, or that it may not go? */
	if (r->code == 550)
		ftp_say(t, file ? "SIZE" : "CWD", ftp_path_name(t->path),
		    FTP_LOOK);
}

