/* test_ftp_talk.c - whole conversations with FTP servers, as told here:
 *
 *      < reply         what the server says
 *      > command       what it is then told
 *      = flags         what is waited for: found, dial, flow, sure, done
 *      ! connected, ! fetch N
 */
#include "unit.h"

#include "../examples/ftp_status.h"
#include "../examples/ftp_talk.h"

#define LOGIN \
	"< 220 hello\n> USER me\n< 331 and?\n> PASS word\n< 230 in\n" \
	"> TYPE I\n< 200 ok\n"
#define OPEN "> EPSV\n< 229 (|||5000|)\n= dial\n! connected\n"
#define SIZES "> SIZE f\n< 213 10\n> MDTM f\n< 213 20260203040506\n= found\n"

static void
flags_are(const struct ftp_talk *t, const char *expect)
{
	static const char *const name[] = { "say", "found", "dial", "flow",
	    "sure", "done" };
	char got[60] = "";
	int i, flags = ftp_talk_flags(t);

	for (i = 0; i < 6; i++)
		if (flags >> i & 1)
			strcat(strcat(got, *got != '\0' ? " " : ""), name[i]);
	assert_string_equal(got, expect);
}

static void
hear(struct ftp_talk *t, const char *line)
{
	struct ftp_reply r;
	size_t used;

	ftp_reply_begin(&r);
	assert_int_equal(ftp_reply_feed(&r, line, strlen(line), &used), 0);
	assert_int_equal(ftp_reply_feed(&r, "\n", 1, &used), 1);
	assert_true(ftp_talk_awaits(t));
	(void)ftp_talk_reply(t, &r);
}

static void
follow(struct ftp_talk *t, char kind, const char *line)
{
	char command[3000];

	switch (kind) {
	case '<':
		/* Nothing was left to be said. */
		assert_string_equal(t->command, "");
		hear(t, line);
		break;
	case '>':
		snprintf(command, sizeof command, "%s\r\n", line);
		assert_string_equal(t->command, command);
		ftp_talk_said(t);
		break;
	case '=':
		flags_are(t, line);
		break;
	case '!':
		if (*line == 'c')
			(void)ftp_talk_connected(t);
		else
			(void)ftp_talk_fetch(t, atoi(line + 6));
		break;
	default:
		fail();
	}
}

static int condition;

/* The conversation; the status at its end, or 0. */
static int
talk(struct ftp_talk *t, enum ftp_verb verb, const char *path,
    const char *script)
{
	struct ftp_path p;
	char line[3000];
	size_t n;

	assert_int_equal(ftp_path_read(&p, path, 0), 0);
	memset(t, 0, sizeof *t);
	t->verb = verb;
	t->path = &p;
	t->conditional = condition;
	t->user = "me";
	t->password = "word";
	ftp_talk_start(t);
	for (; *script != '\0'; script += n + 1) {
		n = strcspn(script, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, script);
		follow(t, line[0], line + 2);
	}
	assert_string_equal(t->command, "");
	ftp_path_free(&p);
	t->path = NULL;
	return t->status;
}

static void
files(void **state)
{
	struct ftp_talk t;

	(void)state;
	assert_int_equal(talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> RETR f\n< 150 here\n= flow\n< 226 done\n= flow sure\n"), 0);
	assert_int_equal(t.size, 10);
	assert_int_equal(t.when, 1770091506);
	assert_int_equal(t.port, 5000);
	/* Through directories, with names that are not for a shell. */
	talk(&t, FTP_GET, "/%2Fa%20b/c%3b/-l", LOGIN "> CWD /a b\n< 250 ok\n"
	    "> CWD c;\n< 250 ok\n> SIZE -l\n");
	/* A byte that Telnet takes for its own is said twice. */
	talk(&t, FTP_GET, "/%FF", LOGIN "> SIZE \xff\xff\n");
	/* A range; and a server that cannot. */
	talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 4\n" OPEN
	    "> REST 4\n< 350 ok\n> RETR f\n< 125 here\n= flow\n");
	assert_int_equal(t.from, 4);
	talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 4\n" OPEN
	    "> REST 4\n< 502 no\n> RETR f\n< 150 here\n= flow\n");
	assert_int_equal(t.from, 0);
	/* Without SIZE and MDTM there are still files. */
	talk(&t, FTP_GET, "/f", LOGIN "> SIZE f\n< 502 ?\n> CWD f\n< 550 no\n"
	    "> MDTM f\n< 502 ?\n= found\n! fetch 0\n" OPEN
	    "> RETR f\n< 150 ok\n= flow\n");
	assert_int_equal(t.size, -1);
	assert_int_equal(t.when, -1);
	/* Nonsense is nothing that is known. */
	talk(&t, FTP_GET, "/f", LOGIN "> SIZE f\n< 213 many\n> CWD f\n"
	    "< 550 no\n> MDTM f\n< 213 soon\n= found\n");
	assert_int_equal(t.size, -1);
	assert_int_equal(t.when, -1);
	/* What to some servers would not be a question. */
	talk(&t, FTP_GET, "/20260102030405%20f", LOGIN
	    "> SIZE 20260102030405 f\n< 550 no\n"
	    "> CWD 20260102030405 f\n< 550 no\n= found\n");
	talk(&t, FTP_GET, "/20260102030405+1;f", LOGIN
	    "> SIZE 20260102030405+1;f\n< 213 1\n= found\n");
	talk(&t, FTP_GET, "/20260102030405%20f;type=a", "< 220 hello\n"
	    "> USER me\n< 230 in\n> TYPE A\n< 200 ok\n= found\n");
	talk(&t, FTP_GET, "/20260102030405.f", LOGIN
	    "> SIZE 20260102030405.f\n< 213 1\n> MDTM 20260102030405.f\n");
	/* As text: the size would be wrong. */
	talk(&t, FTP_GET, "/f;type=a", "< 220 hello\n> USER me\n< 230 in\n"
	    "> TYPE A\n< 200 ok\n> MDTM f\n< 550 no\n= found\n");
	/* All at once, without a 150. */
	talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> RETR f\n< 226 done\n= flow sure\n");
	assert_int_equal(talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> RETR f\n< 150 ok\n< 426 broken\n= done\n"), 502);
}

static void
what_is_there(void **state)
{
	struct ftp_talk t;

	(void)state;
	/* A directory without its slash, whatever SIZE says of it. */
	assert_int_equal(talk(&t, FTP_GET, "/f", LOGIN
	    "> SIZE f\n< 550 no\n> CWD f\n< 250 ok\n= done\n"), 301);
	assert_int_equal(talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> RETR f\n< 550 no\n> CWD f\n< 250 ok\n= done\n"), 301);
	assert_int_equal(talk(&t, FTP_GET, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> RETR f\n< 550 no\n> CWD f\n< 550 no\n= done\n"), 403);
	assert_int_equal(talk(&t, FTP_GET, "/f", LOGIN
	    "> SIZE f\n< 550 no\n> CWD f\n< 550 no\n> MDTM f\n< 550 no\n"
	    "! fetch 0\n" OPEN "> RETR f\n< 550 never\n> CWD f\n< 550 no\n"
	    "= done\n"), 404);
	assert_int_equal(t.code, 550);
	assert_string_equal(t.said, "never");
	assert_int_equal(talk(&t, FTP_GET, "/d/f", LOGIN
	    "> CWD d\n< 550 no\n= done\n"), 404);
	assert_int_equal(talk(&t, FTP_PUT, "/d/f", LOGIN
	    "> CWD d\n< 550 no\n= done\n"), 409);
}

static void
directories(void **state)
{
	struct ftp_talk t;

	(void)state;
	talk(&t, FTP_GET, "/d/", LOGIN "> CWD d\n< 250 ok\n" OPEN
	    "> MLSD\n< 150 ok\n= flow\n< 226 ok\n= flow sure\n");
	assert_true(t.listing && t.mlsd);
	talk(&t, FTP_GET, "/", LOGIN OPEN "> MLSD\n< 500 ?\n" OPEN
	    "> LIST\n< 150 ok\n= flow\n");
	assert_true(t.listing && !t.mlsd);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN OPEN
	    "> MLSD\n< 550 no\n= done\n"), 404);
	assert_int_equal(talk(&t, FTP_HEAD, "/d/", LOGIN
	    "> CWD d\n< 250 ok\n= done\n"), 200);
}

static void
ways_to_data(void **state)
{
	struct ftp_talk t;

	(void)state;
	talk(&t, FTP_GET, "/", LOGIN "> EPSV\n< 500 ?\n> PASV\n"
	    "< 227 ok (10,0,0,1,19,137)\n= dial\n! connected\n> MLSD\n"
	    "< 502 ?\n> PASV\n< 227 ok (10,0,0,1,19,138)\n= dial\n");
	assert_int_equal(t.port, 5002);
	/* Ports that are not a server's to give away. */
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN
	    "> EPSV\n< 229 (|||1023|)\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN
	    "> EPSV\n< 229 what\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN
	    "> EPSV\n< 502 ?\n> PASV\n< 227 (1,2,3,4,0,22)\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN
	    "> EPSV\n< 502 ?\n> PASV\n< 502 ?\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN
	    "> EPSV\n< 425 full\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN OPEN
	    "> MLSD\n< 425 no\n= done\n"), 502);
}

static void
changes(void **state)
{
	struct ftp_talk t;

	(void)state;
	talk(&t, FTP_PUT, "/f", LOGIN "> SIZE f\n< 550 no\n= found\n"
	    "! fetch 0\n" OPEN "> STOR f\n< 150 go\n= flow\n< 226 ok\n"
	    "= flow sure\n");
	assert_int_equal(t.size, -1);
	assert_int_equal(talk(&t, FTP_PUT, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> STOR f\n< 550 may not\n= done\n"), 403);
	assert_int_equal(talk(&t, FTP_PUT, "/f", LOGIN SIZES "! fetch 0\n" OPEN
	    "> STOR f\n< 150 go\n< 552 full\n= done\n"), 507);
	assert_int_equal(talk(&t, FTP_DELETE, "/f", LOGIN
	    "> DELE f\n< 250 ok\n= done\n"), 204);
	assert_int_equal(talk(&t, FTP_DELETE, "/d/f", LOGIN
	    "> CWD d\n< 250 ok\n> DELE f\n< 550 no\n> SIZE f\n< 550 no\n"
	    "= done\n"), 404);
	assert_int_equal(talk(&t, FTP_DELETE, "/f", LOGIN
	    "> DELE f\n< 550 no\n> SIZE f\n< 213 5\n= done\n"), 403);
	assert_int_equal(talk(&t, FTP_DELETE, "/c/d/", LOGIN
	    "> CWD c\n< 250 ok\n> RMD d\n< 250 ok\n= done\n"), 204);
	assert_int_equal(talk(&t, FTP_DELETE, "/d/", LOGIN
	    "> RMD d\n< 550 no\n> CWD d\n< 250 ok\n= done\n"), 403);
	assert_int_equal(talk(&t, FTP_DELETE, "/f", LOGIN
	    "> DELE f\n< 450 busy\n= done\n"), 503);
}

/* A removal that is decided on first. */
static void
removals(void **state)
{
	struct ftp_talk t;

	(void)state;
	condition = 1;
	assert_int_equal(talk(&t, FTP_DELETE, "/f", LOGIN SIZES "! fetch 0\n"
	    "> DELE f\n< 250 ok\n= done\n"), 204);
	/* It may be there without a size. */
	talk(&t, FTP_DELETE, "/f", LOGIN "> SIZE f\n< 502 ?\n> MDTM f\n"
	    "< 213 20260203040506\n= found\n");
	assert_true(t.size < 0 && t.when >= 0);
	talk(&t, FTP_DELETE, "/f", LOGIN "> SIZE f\n< 550 no\n> MDTM f\n"
	    "< 550 no\n= found\n");
	assert_true(t.size < 0 && t.when < 0);
	assert_int_equal(talk(&t, FTP_DELETE, "/c/d/", LOGIN "> CWD c\n"
	    "< 250 ok\n= found\n! fetch 0\n> RMD d\n< 250 ok\n= done\n"), 204);
	condition = 0;
}

static void
arrivals(void **state)
{
	struct ftp_talk t;

	(void)state;
	assert_int_equal(talk(&t, FTP_GET, "/", "< 120 soon\n< 120 soon\n"
	    "< 220 hello\n> USER me\n< 230 in\n> TYPE I\n"), 0);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 421 full\n= done\n"), 503);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 554 no\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 220 hello\n> USER me\n"
	    "< 530 who\n= done\n"), 401);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 220 hello\n> USER me\n"
	    "< 331 and?\n> PASS word\n< 530 no\n= done\n"), 401);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 220 hello\n> USER me\n"
	    "< 331 and?\n> PASS word\n< 332 account?\n= done\n"), 401);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 220 hello\n> USER me\n"
	    "< 534 TLS\n= done\n"), 502);
	assert_int_equal(talk(&t, FTP_GET, "/", LOGIN "> EPSV\n"
	    "< 421 bye\n= done\n"), 503);
	assert_int_equal(talk(&t, FTP_GET, "/", "< 220 hello\n> USER me\n"
	    "< 230 in\n> TYPE I\n< 504 no\n= done\n"), 502);
}

static void
no_password(void **state)
{
	struct ftp_path p;
	struct ftp_talk t;

	(void)state;
	assert_int_equal(ftp_path_read(&p, "/", 0), 0);
	memset(&t, 0, sizeof t);
	t.user = "me";
	t.path = &p;
	ftp_talk_start(&t);
	hear(&t, "220 hello");
	ftp_talk_said(&t);
	hear(&t, "331 and?");
	flags_are(&t, "done");
	assert_int_equal(t.status, 401);
	ftp_path_free(&p);
}

static void
garbled(void **state)
{
	struct ftp_talk t;

	(void)state;
	memset(&t, 0, sizeof t);
	ftp_talk_start(&t);
	ftp_talk_garbled(&t);
	flags_are(&t, "done");
	assert_int_equal(t.status, 502);
}

/* No reply whatsoever becomes anything but an error. */
/* "Wait" is no answer, but it cannot be said for ever. */
static void
news(void **state)
{
	struct ftp_talk t;
	char script[400 + 10 * FTP_NEWS_MAX] = "< 220 hello\n> USER me\n";
	size_t begin = strlen(script);
	int i;

	(void)state;
	for (i = 0; i < FTP_NEWS_MAX; i++)
		strcpy(script + begin + 9 * (size_t)i, "< 120 in\n");
	begin = strlen(script);
	/* Each command has as many for itself. */
	strcat(script, "< 331 and?\n> PASS word\n< 120 in\n= \n");
	assert_int_equal(talk(&t, FTP_GET, "/f", script), 0);
	strcpy(script + begin, "< 120 in\n= done\n");
	assert_int_equal(talk(&t, FTP_GET, "/f", script), 502);
	assert_int_equal(t.code, 0);
}

static void
statuses(void **state)
{
	int code, matter, status;

	(void)state;
	for (matter = FTP_TO_LOGIN; matter <= FTP_TO_STORE; matter++)
		for (code = 100; code < 600; code++) {
			status = ftp_status(code, (enum ftp_matter)matter);
			assert_in_range(status, 400, 599);
		}
	assert_int_equal(ftp_status(530, FTP_TO_LOGIN), 401);
	assert_int_equal(ftp_status(550, FTP_TO_PATH), 404);
	assert_int_equal(ftp_status(550, FTP_TO_STORE), 403);
	assert_int_equal(ftp_status(553, FTP_TO_STORE), 403);
	assert_int_equal(ftp_status(552, FTP_TO_STORE), 507);
	assert_int_equal(ftp_status(452, FTP_TO_STORE), 507);
	assert_int_equal(ftp_status(502, FTP_TO_PATH), 501);
	assert_int_equal(ftp_status(502, FTP_TO_SETUP), 502);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(what_is_there),
		cmocka_unit_test(directories),
		cmocka_unit_test(ways_to_data),
		cmocka_unit_test(changes),
		cmocka_unit_test(removals),
		cmocka_unit_test(arrivals),
		cmocka_unit_test(no_password),
		cmocka_unit_test(garbled),
		cmocka_unit_test(news),
		cmocka_unit_test(statuses)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
