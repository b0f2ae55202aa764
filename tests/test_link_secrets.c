/* test_link_secrets.c - what a link has read is gone when it is */
#include "unit.h"
#include "fake.h"
#include "oom.h"

static const struct fake_step at_once[] = { { 65536, 0 }, { 0, 0 } };

/* In pieces of which the longer one is not the last, and where the allocator
 * looks for the secret in all that it gets back. */
static void
read_by(struct tunnel_link *l, const char *in, const struct fake_step *reads,
    int flags)
{
	struct fake f;

	memset(&f, 0, sizeof f);
	f.in = in;
	f.reads = reads;
	f.writes = at_once;
	assert_non_null(l);
	assert_int_equal(tunnel_link_io(l, fake_io(), &f), 0);
	assert_int_equal(tunnel_link_step(l, 0), flags);
	tunnel_link_free(l);
}

static void
of_a_request(void **state)
{
	static const char head[] = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
	    "Proxy-Authorization: Basic b3BlbiBzZXNhbWU=\r\n\r\n";
	static const struct fake_step reads[] = { { 80, 0 }, { 65536, 0 } };
	struct tunnel_server *s;
	struct oom o;

	(void)state;
	oom_init(&o);
	o.secret = "b3BlbiBzZXNhb";
	s = tunnel_server_new(&o.alloc);
	read_by(tunnel_link_server(&o.alloc, s, 4096), head, reads,
	    TUNNEL_ASK);
	tunnel_server_free(s);
	assert_int_equal(o.live, 0);
}

/* Half a head, and what is behind a whole one. */
static void
of_what_is_left(void **state)
{
	static const char *const in[] = {
		"CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: Basic secret",
		"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nsecret"
	};
	static const int flags[] = { TUNNEL_IN, TUNNEL_ASK };
	static const struct fake_step reads[] = { { 65536, 0 }, { 0, 0 } };
	struct tunnel_server *s;
	struct oom o;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		oom_init(&o);
		o.secret = "secret";
		s = tunnel_server_new(&o.alloc);
		read_by(tunnel_link_server(&o.alloc, s, 4096), in[i], reads,
		    flags[i]);
		tunnel_server_free(s);
		assert_int_equal(o.live, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_request),
		cmocka_unit_test(of_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
