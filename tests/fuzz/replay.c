/* replay.c - run a fuzz target over its corpus, for any compiler
 *
 *      replay CORPUS           each line of CORPUS is an input, in hex
 *      replay -u CORPUS DIR    write them as files, for libFuzzer
 *      replay -p FILE...       print files as such lines
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint8_t input[1 << 16];
static char line[(1 << 17) + 2];

static void
die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static size_t
unhex(void)
{
	size_t n;
	unsigned byte;

	for (n = 0; sscanf(line + 2 * n, "%2x", &byte) == 1; n++)
		input[n] = (uint8_t)byte;
	return n;
}

static int
unpack(size_t n, const char *dir, int i)
{
	char path[1024];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%d", dir, i);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(input, 1, n, f) != n || fclose(f) != 0)
		die(path);
	return 0;
}

static void
pack(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n, i;

	if (f == NULL)
		die(path);
	n = fread(input, 1, sizeof input, f);
	(void)fclose(f);
	for (i = 0; i < n; i++)
		(void)printf("%02x", input[i]);
	(void)printf("\n");
}

int
main(int argc, char **argv)
{
	const char *dir = NULL;
	FILE *f;
	size_t n;
	int i = 1, count = 0;

	if (argc > 1 && strcmp(argv[1], "-p") == 0) {
		while (++i < argc)
			pack(argv[i]);
		return EXIT_SUCCESS;
	}
	if (argc > 3 && strcmp(argv[1], "-u") == 0) {
		dir = argv[3];
		i = 2;
	}
	f = argc > i ? fopen(argv[i], "r") : NULL;
	if (f == NULL)
		die(argc > i ? argv[i] : "replay");
	while (fgets(line, sizeof line, f) != NULL) {
		n = unhex();
		count++;
		(void)(dir != NULL ? unpack(n, dir, count) :
		    LLVMFuzzerTestOneInput(input, n));
	}
	(void)fclose(f);
	(void)printf("%d inputs\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
