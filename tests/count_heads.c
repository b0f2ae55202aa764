/* count_heads.c - have an engine read a head N times: count_heads KIND N
 *
 * For gate_counts.sh, which counts the instructions that one more takes. */
#include <stdlib.h>

#include "bench/heads.h"

int
main(int argc, char **argv)
{
	struct head h;
	long n = argc == 3 ? atol(argv[2]) : -1;

	if (n < 0 || head_make(&h, argv[1]) < 0)
		return 1;
	while (n-- > 0)
		if (head_read(&h) < 0)
			return 1;
	free(h.bytes);
	return 0;
}
