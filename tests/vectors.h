/* vectors.h - text files of test vectors
 *
 * One a line: what is expected (a word), blanks, and the input, which goes on
 * to the end of the line with \r \n \t \0 \\ \s (a blank) \xHH.  "#" begins a
 * comment line, "@" a line of settings for the vectors that follow. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stddef.h>
#include <stdint.h>

struct vector {
	char expect[600];
	uint8_t input[8192];    /* a NUL behind it */
	size_t n;
	int line;
	char setting[80];       /* the last "@" line, without the "@" */
};

/* Call fn for each vector of tests/vectors/NAME; how many there were.  Before a
 * failing vector its file and line are printed. */
size_t vectors_run(const char *name, void (*fn)(const struct vector *v));

#endif
