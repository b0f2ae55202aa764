/* test_io_join_sosplice.c - what is asked of SO_SPLICE, and what is made of its
 * answers
 *
 * The room is compiled into this program over a system that has the option and
 * plays its part.  The library's own room then stays outside.
 */
#include "unit.h"
#include "fake.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#ifndef SO_SPLICE
#define SO_SPLICE 0x1023

struct splice {
	int sp_fd;
	off_t sp_max;
	struct timeval sp_idle;
};
#endif

/* What the socket SOURCE is like. */
enum { SOURCE = 1000, SINK = 1001 };

static struct splice asked;             /* of it last */
static int refusal;                     /* the errno of the next that joins */
static int pending;                     /* its SO_ERROR, which is said once */
static int is_joined;
static off_t gone;
static unsigned asked_for_error;

static int
no(int e)
{
	errno = e;
	return -1;
}

static int
set_option(int fd, int level, int option, const void *p, socklen_t n)
{
	assert_int_equal(fd, SOURCE);
	assert_int_equal(level, SOL_SOCKET);
	assert_int_equal(option, SO_SPLICE);
	assert_int_equal(n, sizeof asked);
	memcpy(&asked, p, sizeof asked);
	if (asked.sp_fd < 0) {
		if (!is_joined)
			return no(ENOTCONN);
		is_joined = 0;
		return 0;
	}
	if (refusal != 0)
		return no(refusal);
	is_joined = 1;
	gone = 0;
	return 0;
}

static int
get_option(int fd, int level, int option, void *p, socklen_t *n)
{
	if (fd != SOURCE)
		return no(EBADF);
	assert_int_equal(level, SOL_SOCKET);
	assert_int_equal(option, SO_SPLICE);
	assert_int_equal(*n, sizeof gone);
	memcpy(p, &gone, sizeof gone);
	return 0;
}

static int
get_error(int fd)
{
	int e = pending;

	assert_int_equal(fd, SOURCE);
	pending = 0;
	asked_for_error++;
	return e;
}

#define setsockopt set_option
#define getsockopt get_option
#define tnl_socket_error get_error
#include "net/io_join_sosplice.c"
#undef setsockopt
#undef getsockopt
#undef tnl_socket_error

static void
joins(void **state)
{
	uint64_t n = 9;

	(void)state;
	assert_true(tnl_join_able());
	assert_int_equal(tnl_join(SOURCE, SINK), 0);
	/* No limit of bytes, none of time. */
	assert_int_equal(asked.sp_fd, SINK);
	assert_int_equal(asked.sp_max, 0);
	assert_int_equal(asked.sp_idle.tv_sec, 0);
	assert_int_equal(asked.sp_idle.tv_usec, 0);
	assert_int_equal(tnl_joined(SOURCE), 0);
	gone = (off_t)5 << 31;
	assert_true(tnl_joined(SOURCE) == (uint64_t)5 << 31);
	tnl_part(SOURCE, &n, NULL);
	assert_int_equal(asked.sp_fd, -1);
	assert_false(is_joined);
	assert_true(n == (uint64_t)5 << 31);
	assert_int_equal(asked_for_error, 0);
	/* Nothing is counted of what is none. */
	assert_int_equal(tnl_joined(SINK), 0);
	gone = -1;
	assert_int_equal(tnl_joined(SOURCE), 0);
}

static void
refused(void **state)
{
	(void)state;
	refusal = EPROTONOSUPPORT;
	assert_int_equal(tnl_join(SOURCE, SINK), -1);
	assert_int_equal(errno, EPROTONOSUPPORT);
	refusal = 0;
}

static void
faults(void **state)
{
	static const struct {
		int said, ours;
	} all[] = {
		{ 0, 0 }, { ECONNRESET, ECONNRESET }, { ETIMEDOUT, ETIMEDOUT },
		{ EPIPE, 0 }, { ELOOP, 0 }, { EFBIG, 0 },
	};
	uint64_t n;
	size_t i;
	int error;

	(void)state;
	for (i = 0; i < sizeof all / sizeof all[0]; i++) {
		/* Parted by us, or by itself before. */
		is_joined = i % 2 == 0;
		gone = (off_t)i * 100;
		pending = all[i].said;
		error = -1;
		tnl_part(SOURCE, &n, &error);
		assert_int_equal(n, i * 100);
		assert_int_equal(error, all[i].ours);
		assert_int_equal(pending, 0);
	}
}

/* The source is read from again when there is something to be read. */
static void
over(void **state)
{
	int fd[2];

	(void)state;
	fake_pair(fd, 1);
	assert_false(tnl_join_over(fd[0]));
	assert_int_equal(send(fd[1], "x", 1, 0), 1);
	assert_true(tnl_join_over(fd[0]));
	close(fd[1]);
	close(fd[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins), cmocka_unit_test(refused),
		cmocka_unit_test(faults), cmocka_unit_test(over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
