/* pattern.h - bytes that tell a lost, doubled or moved piece of a stream */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* n bytes of the pattern, from at on. */
void pattern_write(uint8_t *buf, size_t at, size_t n);

/* As much of the pattern as fd takes, from *sent up to n; it must not block. */
void pattern_push(int fd, size_t *sent, size_t n);

/* At most so many bytes of what there is, each compared, from *got on; 0 when
 * the stream has ended. */
int pattern_pull(int fd, size_t *got, size_t most);

#endif
