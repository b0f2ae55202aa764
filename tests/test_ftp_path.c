/* test_ftp_path.c - what HTTP says, as what FTP is told: paths, credentials,
 * ranges, dates */
#include "unit.h"

#include "../examples/ftp_login.h"
#include "../examples/ftp_path.h"
#include "../examples/ftp_range.h"
#include "../examples/ftp_time.h"

/* ---- paths ---------------------------------------------------------- */

/* Parts in brackets, a slash behind them, the type; "-" for a refusal. */
static void
path_is(const char *text, int query, const char *expect)
{
	struct ftp_path p;
	char got[500] = "-";
	size_t i, n = 0;
	int rv = ftp_path_read(&p, text, query);

	if (rv == 0) {
		got[0] = '\0';
		for (i = 0; i < p.n; i++)
			n += (size_t)sprintf(got + n, "[%s]", p.part[i]);
		sprintf(got + n, "%s%c", p.slash ? "/" : "", p.type);
	} else {
		assert_int_equal(rv, TUNNEL_EINVAL);
		assert_null(p.bytes);
	}
	assert_string_equal(got, expect);
	ftp_path_free(&p);
}

static void
paths(void **state)
{
	(void)state;
	path_is("/", 0, "/i");
	path_is("/a", 0, "[a]i");
	path_is("/a/", 0, "[a]/i");
	path_is("/a/b.txt", 0, "[a][b.txt]i");
	path_is("/a//b", 0, "[a][b]i");
	path_is("//etc/passwd", 0, "[/][etc][passwd]i");
	path_is("//", 0, "[/]/i");
	path_is("/%2Fetc/passwd", 0, "[/etc][passwd]i");
	path_is("/%2f/", 0, "[/]/i");
	path_is("/a%20b%25", 0, "[a b%]i");
	path_is("/%c3%BC\xff", 0, "[\xc3\xbc\xff]i");
	path_is("/./a/./b/.", 0, "[a][b]/i");
	path_is("/a/%2e", 0, "[a]/i");
	path_is("/...", 0, "[...]i");
	path_is("/a/..b", 0, "[a][..b]i");
	path_is("/a?b", 0, "[a?b]i");
	path_is("/a?b/c", 1, "[a]i");
	path_is("/a/?", 1, "[a]/i");
	path_is("/a;type=a", 0, "[a]a");
	path_is("/a;TYPE=I", 0, "[a]i");
	path_is("/a;type=D", 0, "[a]d");
	path_is("/a/;type=d", 0, "[a]/d");
	path_is("/a;type=x", 0, "[a;type=x]i");
	path_is("/a;type=", 0, "[a;type=]i");
	path_is("/;type=a", 0, "/a");
	path_is("/a;type=a/b", 0, "[a;type=a][b]i");
}

static void
paths_refused(void **state)
{
	static const char *const bad[] = { "", "a", "*", "/..", "/a/../b",
	    "/%2e%2E/", "/a/%2F..", "/..%2Fb", "/a%0d%0aDELE b", "/%0A",
	    "/a%00b", "/%", "/%4", "/%4g", "/%g4", "/a\rb", "/a\nb" };
	static char many[400], wide[3000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		path_is(bad[i], 0, "-");
	for (i = 0; i < FTP_PARTS_MAX; i++)
		strcat(many, "/x");
	strcat(many, "/y");
	path_is(many, 0, "-");
	memset(wide, 'w', sizeof wide - 1);
	wide[0] = '/';
	path_is(wide, 0, "-");
}

static void
encoding(void **state)
{
	char all[256], out[800], back[800];
	int i;

	(void)state;
	for (i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	/* Nothing is left that has a meaning in a URL. */
	*ftp_encode(all, out) = '\0';
	assert_int_equal(strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~%"), strlen(out));
	/* And all comes back, but for what must not. */
	assert_false(ftp_decode(out, strlen(out), back));
	all[9] = all[12] = 'x';
	(void)ftp_encode(all, out);
	assert_true(ftp_decode(out, strlen(out), back));
	assert_string_equal(back, all);
}

/* ---- credentials ---------------------------------------------------- */

static void
login_is(const char *authorization, const char *userinfo, const char *user,
    const char *password)
{
	struct ftp_login l;
	int rv = ftp_login_read(&l, authorization, userinfo);

	if (user == NULL) {
		assert_int_equal(rv, TUNNEL_EINVAL);
		assert_null(l.user);
		assert_null(l.password);
		return;
	}
	assert_int_equal(rv, 0);
	assert_string_equal(l.user, user);
	if (password == NULL)
		assert_null(l.password);
	else
		assert_string_equal(l.password, password);
	ftp_login_free(&l);
}

static void
logins(void **state)
{
	(void)state;
	login_is(NULL, NULL, "anonymous", "anonymous@");
	login_is(NULL, "", "anonymous", "anonymous@");
	login_is(NULL, "ftp", "ftp", "anonymous@");
	login_is(NULL, "me", "me", NULL);
	login_is(NULL, "me:", "me", "");
	login_is(NULL, "me:a:b%40%3a", "me", "a:b@:");
	/* Of RFC 7617, section 2; and the field wins. */
	login_is("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "me:x", "Aladdin",
	    "open sesame");
	login_is("bASIC  QWxhZGRpbjpvcGVuIHNlc2FtZQ==", NULL, "Aladdin",
	    "open sesame");
	login_is("Digest x", "me:x", "me", "x");
	login_is("Basic", "me:x", "me", "x");
	login_is("Basic !", NULL, NULL, NULL);
	login_is("Basic YQ==", NULL, NULL, NULL);               /* a */
	login_is("Basic YTpiDQpRVUlU", NULL, NULL, NULL);       /* a CR LF */
	login_is("Basic YTpiAGM=", NULL, NULL, NULL);           /* a NUL */
	login_is(NULL, "a%0d%0aDELE x:b", NULL, NULL);
	login_is(NULL, "a:b%00", NULL, NULL);
	login_is(NULL, "a:%zz", NULL, NULL);
}

/* ---- ranges --------------------------------------------------------- */

static void
range_is(const char *field, long long size, int rv, long long first,
    long long last)
{
	long long a = 0, b = 0;

	assert_int_equal(ftp_range_read(field, size, &a, &b), rv);
	if (rv == 1) {
		assert_int_equal(a, first);
		assert_int_equal(b, last);
	}
}

static void
ranges(void **state)
{
	(void)state;
	range_is("bytes=0-0", 10, 1, 0, 0);
	range_is("bytes=2-5", 10, 1, 2, 5);
	range_is("BYTES= 2-", 10, 1, 2, 9);
	range_is("bytes=2-99999999999999999999", 10, 1, 2, 9);
	range_is("bytes=-3", 10, 1, 7, 9);
	range_is("bytes=-30", 10, 1, 0, 9);
	range_is("bytes=10-", 10, -1, 0, 0);
	range_is("bytes=99999999999999999999-", 10, -1, 0, 0);
	range_is("bytes=-0", 10, -1, 0, 0);
	range_is("bytes=-1", 0, -1, 0, 0);
	range_is("bytes=0-", 0, -1, 0, 0);
	range_is("bytes=5-2", 10, 0, 0, 0);
	range_is("bytes=0-1,3-4", 10, 0, 0, 0);
	range_is("bytes=-", 10, 0, 0, 0);
	range_is("bytes=", 10, 0, 0, 0);
	range_is("bytes", 10, 0, 0, 0);
	range_is("bytes=a-b", 10, 0, 0, 0);
	range_is("lines=1-2", 10, 0, 0, 0);
	range_is("", 10, 0, 0, 0);
}

/* ---- dates ---------------------------------------------------------- */

static void
dates(void **state)
{
	static const char *const bad[] = { "", "yesterday",
	    "Sun, 06 Nov 1994", "Sun, 06 Now 1994 08:49:37 GMT",
	    "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
	    "Sun, 06 Nov 1969 08:49:37 GMT", "6 Nov 1994 08:49:37 1 GMT",
	    "Sun, 06 Nov 19944 08:49:37 GMT" };
	char text[FTP_TIME_HTTP];
	size_t i;

	(void)state;
	/* The three of RFC 9110, section 5.6.7. */
	assert_int_equal(ftp_time_http("Sun, 06 Nov 1994 08:49:37 GMT"),
	    784111777);
	assert_int_equal(ftp_time_http("Sunday, 06-Nov-94 08:49:37 GMT"),
	    784111777);
	assert_int_equal(ftp_time_http("Sun Nov  6 08:49:37 1994"),
	    784111777);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(ftp_time_http(bad[i]), -1);
	ftp_time_write(784111777, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_int_equal(ftp_time_read("19941106084937", 14), 784111777);
	assert_int_equal(ftp_time_read("19941106084937.25", 17), 784111777);
	assert_int_equal(ftp_time_read("1994110608493", 13), -1);
	assert_int_equal(ftp_time_read("199411060849377", 15), -1);
	assert_int_equal(ftp_time_read("1994110608493x", 14), -1);
	assert_int_equal(ftp_time_read("20230229000000", 14), -1);
}

/* Each day of four centuries and more is the one behind the last. */
static void
days(void **state)
{
	struct ftp_date d;
	char text[FTP_TIME_HTTP];
	long long when;

	(void)state;
	for (when = 0; when < 500LL * 366 * 86400; when += 86400) {
		ftp_time_date(when + 86399, &d);
		assert_int_equal(ftp_time_of(&d), when + 86399);
		assert_int_equal(d.hour * 10000 + d.minute * 100 + d.second,
		    235959);
	}
	ftp_time_write(951782400, text);        /* 2000 had one */
	assert_string_equal(text, "Tue, 29 Feb 2000 00:00:00 GMT");
	ftp_time_write(4107542400, text);       /* 2100 has none */
	assert_string_equal(text, "Mon, 01 Mar 2100 00:00:00 GMT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(paths_refused),
		cmocka_unit_test(encoding),
		cmocka_unit_test(logins),
		cmocka_unit_test(ranges),
		cmocka_unit_test(dates),
		cmocka_unit_test(days)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
