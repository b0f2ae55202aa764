/* test_authority.c - host and port, read and written */
#include "unit.h"
#include "split.h"
#include "vectors.h"

static void
one(const struct vector *v)
{
	char host[TUNNEL_HOST_MAX], back[TUNNEL_HOST_MAX + 8];
	const uint8_t *p;
	struct split cut;
	unsigned port = 7;
	size_t n = 0;
	int rv;

	/* In memory that ends where the text does. */
	split_begin(&cut, v->input, v->n);
	cut.total = cut.n;
	split_next(&cut);
	p = split_piece(&cut, 0, &n);
	rv = tunnel_authority_parse((const char *)p, v->n, host, sizeof host,
	    &port);
	while (split_next(&cut))
		continue;
	if (strcmp(v->expect, "good") != 0) {
		assert_int_equal(rv, TUNNEL_ETARGET);
		assert_int_equal(port, 7);
		return;
	}
	assert_int_equal(rv, 0);
	assert_int_equal(tunnel_authority_print(host, port, back, sizeof back,
	    &n), 0);
	assert_int_equal(n, v->n);
	assert_memory_equal(back, v->input, n + 1);
	/* Too little room is told, and exactly enough is enough. */
	assert_int_equal(tunnel_authority_print(host, port, back, n, &n),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_authority_print(host, port, back, v->n + 1,
	    &n), 0);
	n = strlen(host);
	assert_int_equal(tunnel_authority_parse((const char *)v->input, v->n,
	    host, n, &port), TUNNEL_EINVAL);
	assert_int_equal(tunnel_authority_parse((const char *)v->input, v->n,
	    host, n + 1, &port), 0);
}

static void
vectors(void **state)
{
	(void)state;
	assert_true(vectors_run("authorities.txt", one) > 150);
}

/* Every number there is: only 1 to 65535, written plainly, is a port. */
static void
every_port(void **state)
{
	char text[32], host[TUNNEL_HOST_MAX];
	unsigned long i;
	unsigned port;

	(void)state;
	for (i = 0; i < 200000; i++) {
		snprintf(text, sizeof text, "a:%lu", i);
		assert_int_equal(tunnel_authority_parse(text, strlen(text),
		    host, sizeof host, &port),
		    i >= 1 && i <= 65535 ? 0 : TUNNEL_ETARGET);
		if (i >= 1 && i <= 65535)
			assert_int_equal(port, i);
	}
}

/* Every byte in the place of a name's: only those of names pass. */
static void
every_byte(void **state)
{
	char text[] = "a?b:22", host[TUNNEL_HOST_MAX];
	unsigned port;
	int c, good;

	(void)state;
	for (c = 0; c < 256; c++) {
		text[1] = (char)c;
		good = c != 0 && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJK"
		    "LMNOPQRSTUVWXYZ0123456789-_.", c) != NULL;
		assert_int_equal(tunnel_authority_parse(text, 6, host,
		    sizeof host, &port), good ? 0 : TUNNEL_ETARGET);
	}
}

static void
printing(void **state)
{
	char out[300];
	size_t n;

	(void)state;
	assert_int_equal(tunnel_authority_print("a", 0, out, 300, &n),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_authority_print("a", 65536, out, 300, &n),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_authority_print("a b", 1, out, 300, &n),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_authority_print("[::1]", 1, out, 300, &n),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_authority_print("a:b", 1, out, 300, &n),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_authority_print("", 1, out, 300, &n),
	    TUNNEL_ETARGET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(every_port),
		cmocka_unit_test(every_byte), cmocka_unit_test(printing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
