/* sandbox_linux.c - system calls are filtered by the kernel
 *
 *      wrong architecture ---------------------------> the process dies
 *      a call that a proxy needs --------------------> allowed
 *      the same with arguments that it never has ----> an error
 *      one that only somebody who broke in would make  the process dies
 *      any other ------------------------------------> ENOSYS
 *
 * The last line keeps a new libc working: it tries a new call, sees that the
 * kernel "has" none, and takes the older one.  An attacker gets nothing by it.
 * Death is SIGSYS, which no handler of the process can stop, and the kernel's
 * audit log has the number.
 *
 * seccomp(2) is asked for without the kernel's headers, which not every libc
 * comes with; numbers of an interface to programs never change.
 */
#define _DEFAULT_SOURCE 1       /* syscall */

#include "sandbox.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "sandbox_calls.h"

enum {
	MODE_FILTER = 1, ALL_THREADS = 1,       /* seccomp(2) */
	LOAD = 0x20, AND = 0x54, EQUAL = 0x15, LEAST = 0x35, RETURN = 0x06,
	NUMBER = 0, ARCHITECTURE = 4, ARGUMENTS = 16,
	X32 = 0x40000000,       /* what calls of that ABI begin with */
	SIZE = 1024
};

#define DIE 0x80000000u
#define FAIL 0x00050000u
#define PASS 0x7fff0000u

#if defined __x86_64__ && !defined __ILP32__
enum { KNOWN = 1, SECCOMP = 317 };
#define MACHINE 0xc000003eu
#define NATIVE(call) ((call).x86_64)
#elif defined __aarch64__ && !defined __AARCH64EB__ && !defined __ILP32__
enum { KNOWN = 1, SECCOMP = 277 };
#define MACHINE 0xc00000b7u
#define NATIVE(call) ((call).aarch64)
#else
enum { KNOWN = 0, SECCOMP = 0 };
#define MACHINE 0u
#define NATIVE(call) ((call).x86_64)
#endif

/* What the kernel runs: struct sock_filter and sock_fprog of linux/filter.h. */
struct step {
	uint16_t code;
	uint8_t yes, no;
	uint32_t k;
};

struct filter {
	unsigned short n;
	struct step *step;
};

/* A call that only some values of an argument make harmless. */
static const struct some {
	struct sandbox_call call;
	unsigned argument, mask;
	unsigned n, values[15];
	int error;
} some[] = {
	/* socket: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK */
	{ { 41, 198 }, 0, ~0u, 4, { 1, 2, 10, 16 }, EAFNOSUPPORT },
	/* ioctl: FIONREAD, FIONBIO, TCGETS, TIOCGWINSZ, TIOCOUTQ; but never
	 * TIOCSTI, which types on somebody's terminal */
	{ { 16, 29 }, 1, ~0u, 5, { 0x541b, 0x5421, 0x5401, 0x5413, 0x5411 },
	    ENOTTY },
	/* fcntl: F_DUPFD to F_SETLKW, locks of the open file, F_DUPFD_CLOEXEC,
	 * pipes' sizes; but never F_SETOWN and F_SETSIG, which signal others */
	{ { 72, 25 }, 1, ~0u, 14, { 0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030,
	    1031, 1032 }, EINVAL },
	/* prlimit64: of this process */
	{ { 302, 261 }, 0, ~0u, 1, { 0 }, EPERM },
	/* clone: a thread; CLONE_THREAD */
	{ { 56, 220 }, 0, 0x10000, 1, { 0x10000 }, EPERM },
	/* mmap, mprotect: not to be written and executed at a time */
	{ { 9, 222 }, 2, 6, 3, { 0, 2, 4 }, EACCES },
	{ { 10, 226 }, 2, 6, 3, { 0, 2, 4 }, EACCES },
};

static void
add(struct filter *f, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
	struct step *s = &f->step[f->n++];

	s->code = (uint16_t)code;
	s->yes = (uint8_t)yes;
	s->no = (uint8_t)no;
	s->k = k;
}

static void
add_calls(struct filter *f, const struct sandbox_call *calls, unsigned n,
    uint32_t verdict)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (NATIVE(calls[i]) < 0)
			continue;
		add(f, EQUAL, (uint32_t)NATIVE(calls[i]), 0, 1);
		add(f, RETURN, verdict, 0, 0);
	}
}

/* Machines that are known here are little-endian, and 32 bits tell enough. */
static void
add_some(struct filter *f, const struct some *s)
{
	unsigned i;

	add(f, EQUAL, (uint32_t)NATIVE(s->call), 0, 2 * s->n + 3);
	add(f, LOAD, ARGUMENTS + 8 * s->argument, 0, 0);
	add(f, AND, s->mask, 0, 0);
	for (i = 0; i < s->n; i++) {
		add(f, EQUAL, s->values[i], 0, 1);
		add(f, RETURN, PASS, 0, 0);
	}
	add(f, RETURN, FAIL | (uint32_t)s->error, 0, 0);
}

static void
compose(struct filter *f, int tickets)
{
	/* tgkill: as raise(3) and abort(3) do it */
	struct some own = { { 234, 131 }, 0, ~0u, 1, { 0 }, EPERM };
	size_t i;

	own.values[0] = (unsigned)getpid();

	add(f, LOAD, ARCHITECTURE, 0, 0);
	add(f, EQUAL, MACHINE, 1, 0);
	add(f, RETURN, DIE, 0, 0);
	add(f, LOAD, NUMBER, 0, 0);
	add(f, LEAST, X32, 0, 1);
	add(f, RETURN, DIE, 0, 0);
	add_calls(f, sandbox_allowed, sandbox_allowed_n, PASS);
	if (tickets)
		add_calls(f, sandbox_tickets, sandbox_tickets_n, PASS);
	for (i = 0; i < sizeof some / sizeof some[0]; i++)
		add_some(f, &some[i]);
	add_some(f, &own);
	add_calls(f, sandbox_deadly, sandbox_deadly_n, DIE);
	add(f, RETURN, FAIL | ENOSYS, 0, 0);
}

const char *
sandbox_calls(int tickets)
{
	static struct step steps[SIZE];
	struct filter f = { 0, steps };
	long rv;

	if (!KNOWN)
		return "there is no list of calls for this processor";
	compose(&f, tickets);
	rv = syscall(SECCOMP, (long)MODE_FILTER, (long)ALL_THREADS, &f);
	if (rv > 0)
		return "a thread has a filter of its own";
	return rv < 0 ? strerror(errno) : NULL;
}
