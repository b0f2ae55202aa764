/* helper_page.c - see page.h; on POSIX and on Windows */
#define _DEFAULT_SOURCE
#include "page.h"

#include "unit.h"

#ifdef _WIN32

#include <windows.h>

size_t
page_size(void)
{
	SYSTEM_INFO info;

	GetSystemInfo(&info);
	return info.dwPageSize;
}

uint8_t *
page_before_none(size_t n)
{
	uint8_t *p = VirtualAlloc(NULL, n + page_size(), MEM_RESERVE,
	    PAGE_NOACCESS);

	assert_non_null(p);
	assert_non_null(VirtualAlloc(p, n, MEM_COMMIT, PAGE_READWRITE));
	return p;
}

void
page_give_back(uint8_t *p, size_t n)
{
	(void)n;
	assert_true(VirtualFree(p, 0, MEM_RELEASE));
}

#else

#include <sys/mman.h>

#include <unistd.h>

size_t
page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

uint8_t *
page_before_none(size_t n)
{
	void *p = mmap(NULL, n + page_size(), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	assert_int_equal(mprotect((uint8_t *)p + n, page_size(), PROT_NONE),
	    0);
	return p;
}

void
page_give_back(uint8_t *p, size_t n)
{
	assert_int_equal(munmap(p, n + page_size()), 0);
}

#endif
