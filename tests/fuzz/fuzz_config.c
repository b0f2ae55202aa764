/* fuzz_config.c - any text as a file of --config, and as numbers: it is refused,
 * or read anew it says the same
 *
 * with: examples/proxy_config.c examples/proxy_option.c
 *       examples/proxy_rules.c examples/proxy_numbers.c
 *       examples/proxy_say.c examples/common_say.c examples/common_opt.c
 *       examples/common_secret.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../examples/common_opt.h"
#include "../../examples/proxy_config.h"
#include "../../examples/proxy_say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char path[] = "/tmp/fuzz_config.XXXXXX";

static void
must(int truth)
{
	if (!truth)
		abort();
}

static void
forget(void)
{
	(void)unlink(path);
}

/* One file for all inputs, from the first one on. */
static FILE *
file(void)
{
	static FILE *f;
	int fd;

	if (f == NULL) {
		say_nothing();
		fd = mkstemp(path);
		must(fd >= 0);
		(void)atexit(forget);
		f = fdopen(fd, "w+b");
		must(f != NULL);
	}
	return f;
}

static void
write_file(const uint8_t *data, size_t n)
{
	FILE *f = file();

	rewind(f);
	must(ftruncate(fileno(f), 0) == 0);
	must(fwrite(data, 1, n, f) == n && fflush(f) == 0);
}

/* What is a number is in range, and a unit makes no small one of a large. */
static void
numbers(const char *text)
{
	unsigned long long plain, size, ms;
	int rv = config_count(text, 0, &plain);

	if (rv)
		must(config_count(text, 1, &size) && size == plain);
	if (config_count(text, 1, &size) && !rv)
		must(size % 1024 == 0);
	if (opt_seconds(text, &ms))
		must(strpbrk(text, "0123456789") != NULL);
}

static void
same(const struct config *a, const struct config *b)
{
	must(a->listen_n == b->listen_n && a->socks_n == b->socks_n);
	must(a->upstream_n == b->upstream_n && a->exempt_n == b->exempt_n);
	must(a->threads == b->threads && a->threads <= 256);
	must(memcmp(a->limit, b->limit, sizeof a->limit) == 0);
	must(memcmp(a->time, b->time, sizeof a->time) == 0);
	must((a->users == NULL) == (b->users == NULL));
	must(config_has_rule(a) == config_has_rule(b));
	must(a->listen_n <= PLACES_MAX && a->upstream_n <= PLACES_MAX);
	must(tunnel_policy_judge_name(a->policy, "a.example", 443) ==
	    tunnel_policy_judge_name(b->policy, "a.example", 443));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char program[] = "tunnel-proxy", option[] = "--config";
	char *argv[] = { program, option, path, NULL };
	char *text = malloc(n + 1);
	struct config c, again;

	memcpy(text, data, n);
	text[n] = '\0';
	numbers(text);
	free(text);
	write_file(data, n);
	if (config_read(&c, 3, argv) == 0) {
		must(config_again(&again) == 0);
		same(&c, &again);
		config_free(&again);
	}
	config_free(&c);
	config_forget();
	return 0;
}
