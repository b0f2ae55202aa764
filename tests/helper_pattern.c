/* helper_pattern.c - bytes that tell a lost or moved piece of a stream */
#include "unit.h"
#include "pattern.h"

#include <unistd.h>

static uint8_t
pattern(size_t i)
{
	return (uint8_t)(i * 2654435761u >> 13);
}

void
pattern_write(uint8_t *buf, size_t at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf[i] = pattern(at + i);
}

void
pattern_push(int fd, size_t *sent, size_t n)
{
	uint8_t buf[32768];
	size_t len;
	ssize_t r;

	do {
		len = n - *sent < sizeof buf ? n - *sent : sizeof buf;
		pattern_write(buf, *sent, len);
		r = len > 0 ? write(fd, buf, len) : 0;
		*sent += r > 0 ? (size_t)r : 0;
	} while (r > 0);
}

int
pattern_pull(int fd, size_t *got, size_t most)
{
	uint8_t buf[32768];
	size_t i, len;
	ssize_t r = 1;

	while (most > 0 && r > 0) {
		len = most < sizeof buf ? most : sizeof buf;
		r = read(fd, buf, len);
		for (i = 0; r > 0 && i < (size_t)r; i++)
			assert_int_equal(buf[i], pattern(*got + i));
		*got += r > 0 ? (size_t)r : 0;
		most -= r > 0 ? (size_t)r : 0;
	}
	return r != 0;
}
