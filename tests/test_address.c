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

static size_t
read_from(const char *text, uint8_t *addr)
{
	size_t n = tnl_address_parse(text, strlen(text), addr);

	assert_true(n == 4 || n == 16);
	return n;
}

/* The first and the last address of each block that is not for everybody, by
 * IANA's registries (RFC 6890). */
static const struct { const char *first, *last; } block[] = {
	{ "0.0.0.0", "0.255.255.255" },
	{ "10.0.0.0", "10.255.255.255" },
	{ "100.64.0.0", "100.127.255.255" },
	{ "127.0.0.0", "127.255.255.255" },
	{ "169.254.0.0", "169.254.255.255" },
	{ "172.16.0.0", "172.31.255.255" },
	{ "192.0.0.0", "192.0.0.255" },
	{ "192.0.2.0", "192.0.2.255" },
	{ "192.88.99.0", "192.88.99.255" },
	{ "192.168.0.0", "192.168.255.255" },
	{ "198.18.0.0", "198.19.255.255" },
	{ "198.51.100.0", "198.51.100.255" },
	{ "203.0.113.0", "203.0.113.255" },
	{ "224.0.0.0", "255.255.255.255" },
	{ "::", "::ffff:ffff" },
	{ "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff" },
	{ "100::", "100::ffff:ffff:ffff:ffff" },
	{ "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "fe80::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
};

static int
is_listed(const uint8_t *addr, size_t n)
{
	uint8_t first[16], last[16];
	size_t i;

	for (i = 0; i < sizeof block / sizeof block[0]; i++)
		if (read_from(block[i].first, first) == n &&
		    memcmp(first, addr, n) <= 0) {
			read_from(block[i].last, last);
			if (memcmp(addr, last, n) <= 0)
				return 1;
		}
	return 0;
}

/* The next address, or with -1 the one before; round the end. */
static void
move(uint8_t *addr, size_t n, int by)
{
	do
		addr[n - 1] = (uint8_t)(addr[n - 1] + by);
	while (addr[--n] == (by > 0 ? 0 : 0xff) && n > 0);
}

static void
special_to_the_last(void **state)
{
	uint8_t addr[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof block / sizeof block[0]; i++) {
		n = read_from(block[i].first, addr);
		assert_int_equal(tnl_address_special(addr, n), 1);
		move(addr, n, -1);
		assert_int_equal(tnl_address_special(addr, n),
		    is_listed(addr, n));
		read_from(block[i].last, addr);
		assert_int_equal(tnl_address_special(addr, n), 1);
		move(addr, n, 1);
		assert_int_equal(tnl_address_special(addr, n),
		    is_listed(addr, n));
	}
}

/* Where an address of version 4 is in one of version 6, and that it is judged
 * for it: 10.0.0.1 is special, and 8.8.8.8 is not. */
static void
one_in_another(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		int special;
	} t[] = {
		{ "::", 0, 1 }, { "::0.255.255.255", 0, 1 },
		{ "::1.0.0.0", 12, 1 }, { "::255.255.255.255", 12, 1 },
		{ "::1:0:0", 0, 0 },
		{ "::fffe:ffff:ffff:ffff", 0, 0 },
		{ "::ffff:0:10.0.0.1", 12, 1 }, { "::ffff:0:8.8.8.8", 12, 0 },
		{ "::ffff:0:255.255.255.255", 12, 1 },
		{ "::ffff:1:0:0", 0, 0 },
		{ "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", 0, 0 },
		{ "64:ff9b::10.0.0.1", 12, 1 }, { "64:ff9b::8.8.8.8", 12, 0 },
		{ "64:ff9b::0.0.0.0", 12, 1 },
		{ "64:ff9b::255.255.255.255", 12, 1 },
		{ "64:ff9b::1:10.0.0.1", 0, 0 },
		{ "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, 0 },
		{ "2002::", 2, 1 }, { "2002:a00:1::", 2, 1 },
		{ "2002:808:808::", 2, 0 },
		{ "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 2, 1 },
		{ "2003::", 0, 0 }, { "2003:a00:1::", 0, 0 },
	};
	const uint8_t *v4;
	uint8_t addr[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		assert_int_equal(read_from(t[i].text, addr), 16);
		v4 = tnl_address_embedded(addr);
		assert_ptr_equal(v4, t[i].at > 0 ? addr + t[i].at : NULL);
		assert_int_equal(tnl_address_special(addr, 16), t[i].special);
	}
	/* Mapped ones are of version 4, and nothing but written otherwise. */
	read_from("::ffff:10.0.0.1", addr);
	assert_int_equal(tnl_address_special(addr, 16), 1);
	read_from("::ffff:8.8.8.8", addr);
	assert_int_equal(tnl_address_special(addr, 16), 0);
}

static void
no_addresses(void **state)
{
	static const char *const t[] = {
		"", ":", ":::", "1:", "1:2", ":1", ":1:2:3:4:5:6:7", "1:::2",
		"1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
		"1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8",
		"::1:2:3:4:5:6:7:8", "1::2:", "12345::", "g::", "1::g", "1 ::",
		"::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
		"1.2.3.4:5::", "::1.2.3.256", "1.2.3", "1.2.3.4.", "1.2.3.4.5",
		"1.2.3.256", "1.2.3.04", "1.2..4", ".1.2.3", "1.2.3.",
		"1.2.3.a", "1.2.3.1000", "1.2.3.4 ",
	};
	uint8_t addr[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_int_equal(tnl_address_parse(t[i], strlen(t[i]), addr),
		    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written), cmocka_unit_test(there_and_back),
		cmocka_unit_test(nets), cmocka_unit_test(special_to_the_last),
		cmocka_unit_test(one_in_another),
		cmocka_unit_test(no_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
