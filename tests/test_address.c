/* test_address.c - addresses as text and as bytes */
#include "unit.h"

#include "core/address.h"

/* The rules of RFC 5952, section 4, and what they leave to be got wrong. */
static void
written(void **state)
{
	static const struct { const char *in, *out; } t[] = {
		{ "0.0.0.0", "0.0.0.0" }, { "127.0.0.1", "127.0.0.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "1.20.100.9", "1.20.100.9" },
		{ "::", "::" }, { "::1", "::1" }, { "1::", "1::" },
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:DB8:AAAA:bbbb:CCCC:dddd:EEEE:f",
		    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:f" },
		{ "0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7" },
		{ "0:0:2:3:4:5:6:7", "::2:3:4:5:6:7" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "1:20:300:4000::", "1:20:300:4000::" },
		{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char out[TNL_ADDRESS_TEXT];
	uint8_t addr[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		n = tnl_address_parse(t[i].in, strlen(t[i].in), addr);
		assert_true(n > 0);
		n = tnl_address_print(addr, n, out);
		assert_string_equal(out, t[i].out);
		assert_int_equal(n, strlen(out));
	}
}

/* What is written is read as what it was. */
static void
there_and_back(void **state)
{
	char out[TNL_ADDRESS_TEXT];
	uint8_t addr[16], back[16];
	uint32_t seed = 7;
	size_t j, n, len;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		n = i % 4 == 0 ? 4 : 16;
		for (j = 0; j < n; j++)
			addr[j] = (uint8_t)(rnd(&seed) % 3 == 0 ?
			    rnd(&seed) : 0);
		len = tnl_address_print(addr, n, out);
		assert_true(len < sizeof out);
		assert_int_equal(tnl_address_parse(out, len, back), n);
		assert_memory_equal(addr, back, n);
	}
}

/* Bit by bit; and nothing is within a net that is longer than an address. */
static void
nets(void **state)
{
	static const uint8_t a[4] = { 0xa5, 0x5a, 0xff, 0x00 };
	uint8_t b[4];
	unsigned bits, flip;

	(void)state;
	for (bits = 0; bits <= 32; bits++)
		for (flip = 0; flip < 32; flip++) {
			memcpy(b, a, 4);
			b[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
			assert_int_equal(tnl_address_within(a, b, 4, bits),
			    flip >= bits);
			assert_true(tnl_address_within(a, a, 4, bits));
		}
	assert_false(tnl_address_within(a, a, 4, 33));
	assert_false(tnl_address_within(a, a, 4, 40));
	assert_false(tnl_address_within(a, a, 4, 128));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written), cmocka_unit_test(there_and_back),
		cmocka_unit_test(nets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
