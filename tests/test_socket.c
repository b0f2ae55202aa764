/* test_socket.c - which addresses are this machine's, when nobody lists them */
#include "unit.h"

#include <errno.h>
#include <ifaddrs.h>

#include "core/address.h"
#include "net/socket.h"

/* In place of the system's: a sandbox without netlink. */
int
getifaddrs(struct ifaddrs **list)
{
	(void)list;
	errno = EAFNOSUPPORT;
	return -1;
}

/* Both, for in a static libc they may be one object, which has them both. */
void
freeifaddrs(struct ifaddrs *list)
{
	(void)list;
}

static int
local(const char *text)
{
	struct tnl_endpoint e;

	memset(&e, 0, sizeof e);
	e.n = tnl_address_parse(text, strlen(text), e.addr);
	e.port = 443;
	assert_true(e.n > 0);
	return tnl_socket_local(&e);
}

static void
unlisted_addresses(void **state)
{
	(void)state;
	assert_true(local("127.0.0.1"));
	assert_true(local("127.1.2.3"));
	assert_true(local("0.0.0.0"));
	assert_true(local("::"));
	assert_true(local("::1"));
	/* Of networks that are for documents alone. */
	assert_false(local("192.0.2.77"));
	assert_false(local("2001:db8::77"));
	/* It cannot be said of which interface: better refused than dialled. */
	assert_true(local("fe80::77"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unlisted_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
