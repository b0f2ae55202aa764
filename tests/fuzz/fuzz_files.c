/* fuzz_files.c - any text as a netrc, as a file of credentials and as no_proxy:
 * what is found lies inside the text, and is as it stands there
 *
 * with: examples/connect_netrc.c examples/common_account.c
 *       examples/common_private.c examples/common_secret.c
 *       examples/common_exempt.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../examples/common_account.h"
#include "../../examples/common_exempt.h"
#include "../../examples/connect_netrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(int truth)
{
	if (!truth)
		abort();
}

static int
within(const char *p, size_t len, const char *text, size_t n)
{
	return p >= text && p <= text + n && len <= (size_t)(text + n - p);
}

static void
begin(struct account *a, int how)
{
	memset(a, 0, sizeof *a);
	a->host = how & 1 ? "p.example" : "";
	a->port = 3128;
	a->user = how & 2 ? "u" : NULL;
	a->bare = how >> 2 & 1;
}

static void
netrc(const char *text, size_t n, int how)
{
	struct account a;
	char *copy = malloc(n + 1);

	memcpy(copy, text, n + 1);
	begin(&a, how);
	a.found_user = a.found_password = NULL;
	if (account_in_netrc(&a, copy) == 1) {
		must(a.found_user != NULL && a.user_n == strlen(a.found_user));
		must(a.user == NULL || strcmp(a.user, a.found_user) == 0);
		/* Who is looked for by name may have no name there. */
		if (a.found_user != a.user)
			must(within(a.found_user, a.user_n, copy, n));
		if (a.found_password != NULL)
			must(within(a.found_password, a.password_n, copy, n));
	}
	free(copy);
}

/* More text behind it does not change what was found, but may break it. */
static void
credentials(const char *text, size_t n, int how)
{
	struct account a, more;
	char *longer = malloc(n + 10);
	int rv;

	begin(&a, how);
	begin(&more, how);
	rv = account_in_file(&a, text, n);
	if (rv == 1) {
		must(within(a.found_user, a.user_n, text, n));
		must(within(a.found_password, a.password_n, text, n));
		must(a.found_user[a.user_n] == ':');
		must(memchr(a.found_user, '\n', a.user_n) == NULL);
		must(memchr(a.found_password, '\n', a.password_n) == NULL);
		memcpy(longer, text, n);
		memcpy(longer + n, "\n# end\n", 8);
		must(account_in_file(&more, longer, n + 7) == 1);
		must(more.user_n == a.user_n);
		must(more.found_user - longer == a.found_user - text);
	}
	free(longer);
}

static void
exempt(const char *text, size_t n)
{
	static const char *const host[] = { "a.example", "10.1.2.3", "::1" };
	const char *found;
	size_t len, i;

	for (i = 0; i < 3; i++) {
		found = exempt_find(host[i], 443, text, &len);
		if (found == NULL)
			continue;
		must(within(found, len, text, n) && len > 0);
		must(strcspn(found, ", \t") == len);
	}
	found = exempt_find("a.example", 443, "", &len);
	must(found == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text;
	int how;

	if (n < 1)
		return 0;
	how = data[0];
	text = malloc(n);
	memcpy(text, data + 1, n - 1);
	text[n - 1] = '\0';
	credentials(text, n - 1, how);
	n = strlen(text);
	netrc(text, n, how);
	exempt(text, n);
	free(text);
	return 0;
}
