/* ffi.c - what a call costs in C (and, compiled as such, in C++)
 *
 * Prints the nanoseconds of an engine's cheapest call, and the MB/s of blocks
 * that are put into a pump and taken out again, both by the processor's clock.
 * ffi.* do the same in their languages, and ffi.sh says what multiple of C each
 * is.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <tunnel.h>

enum { BLOCK = 16384, SPAN = 200 };

/* Of this process. */
static double
ms(void)
{
	return (double)clock() * 1e3 / CLOCKS_PER_SEC;
}

int
main(void)
{
	static char in[BLOCK], out[BLOCK];
	struct tunnel_client *c = tunnel_client_new(NULL);
	struct tunnel_pump *p = tunnel_pump_new(NULL, 65536, 65536);
	double began, spent;
	size_t n, i, sum = 0;
	long rounds = 1;

	memset(in, 'x', sizeof in);
	do {
		rounds *= 2;
		began = ms();
		for (i = 0; i < (size_t)rounds; i++)
			sum += (size_t)tunnel_client_flags(c);
		spent = ms() - began;
	} while (spent < SPAN);
	printf("%.3f ", spent * 1e6 / (double)rounds);
	rounds = 1;
	do {
		rounds *= 2;
		began = ms();
		for (i = 0; i < (size_t)rounds; i++) {
			tunnel_pump_put(p, TUNNEL_AB, in, BLOCK, &n);
			tunnel_pump_take(p, TUNNEL_AB, out, BLOCK, &n);
			sum += n;
		}
		spent = ms() - began;
	} while (spent < SPAN);
	printf("%.1f\n", (double)rounds * BLOCK / spent / 1e3);
	tunnel_pump_free(p);
	tunnel_client_free(c);
	return sum == 0 || memcmp(in, out, BLOCK) != 0;
}
