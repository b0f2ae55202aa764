/* test_proxy_chain.c - HTTP messages through a proxy behind the proxy
 *
 * The one behind is the test itself, at its listener. */
#include "unit.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <unistd.h>

#define REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* With that login in the URL of the one behind; ready for settings. */
static void
behind(const char *login)
{
	char url[80];

	assert_int_equal(tunnel_proxy_http(rig.proxy, 1), 0);
	(void)snprintf(url, sizeof url, "http://%s127.0.0.1:%u", login,
	    rig.origin_port);
	assert_int_equal(tunnel_proxy_via(rig.proxy, url), 0);
}

/* One exchange over a connection of a client's; the request that the proxy
 * behind gets, over a connection that comes if there is none. */
static const char *
exchange(int fd, int *other)
{
	static char request[2000];
	char out[2000];

	rig_say(fd, "GET http://127.0.0.1/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "\r\n");
	if (*other < 0)
		*other = rig_come();
	assert_int_equal(rig_hear(*other, request, sizeof request,
	    "\r\n\r\n"), 0);
	rig_say(*other, REPLY);
	assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
	assert_memory_equal(out, "HTTP/1.1 200 OK\r\n", 17);
	return request;
}

/* It gets the whole of the target and what it is told besides, each time. */
static void
told_all(void **state)
{
	int fd, other = -1, i;
	const char *got;

	(void)state;
	behind("u:p@");
	assert_int_equal(tunnel_proxy_schemes(rig.proxy, "basic"), 0);
	assert_int_equal(tunnel_proxy_field(rig.proxy, "X-From", "here"), 0);
	rig_start();
	fd = rig_client();
	for (i = 0; i < 3; i++) {
		got = exchange(fd, &other);
		assert_memory_equal(got, "GET http://127.0.0.1/x HTTP/1.1\r\n",
		    33);
		assert_non_null(strstr(got, "\r\nHost: 127.0.0.1\r\n"));
		assert_non_null(strstr(got,
		    "\r\nProxy-Authorization: Basic dTpw\r\n"));
		assert_non_null(strstr(got, "\r\nX-From: here\r\n"));
	}
	(void)close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	(void)close(other);
}

/* A login that was set counts, and not the URL's. */
static void
login_that_was_set(void **state)
{
	int fd, other = -1;

	(void)state;
	behind("u:p@");
	assert_int_equal(tunnel_proxy_credentials(rig.proxy, "Aladdin",
	    "open sesame"), 0);
	assert_int_equal(tunnel_proxy_schemes(rig.proxy, "basic"), 0);
	rig_start();
	fd = rig_client();
	assert_non_null(strstr(exchange(fd, &other), "\r\nProxy-Authorization: "
	    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
	(void)close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	(void)close(other);
}

/* Without one there is none, and a client's own stays with us. */
static void
no_login(void **state)
{
	char out[2000];
	int fd, other;

	(void)state;
	behind("");
	rig_start();
	fd = rig_client();
	rig_say(fd, "GET http://127.0.0.1/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Proxy-Authorization: Basic eDp5\r\n\r\n");
	other = rig_come();
	assert_int_equal(rig_hear(other, out, sizeof out, "\r\n\r\n"), 0);
	assert_null(strstr(out, "Authorization"));
	rig_say(other, REPLY);
	assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
	(void)close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	(void)close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(told_all), RIG_TEST(login_that_was_set),
		RIG_TEST(no_login),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
