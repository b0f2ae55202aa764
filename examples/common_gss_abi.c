/* common_gss_abi.c - the system's GSSAPI, found when it is wanted
 *
 * Most never want it, and many systems have none: so it is neither linked nor
 * looked for before the first token is to be made.  Then it stays.
 */
#include "common_gss_abi.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct abi abi;

static char missing[400];       /* why there is no library, or "" */

/* MIT's; Heimdal's, on its own and as FreeBSD's; that of macOS. */
static const char *const libraries[] = {
	"libgssapi_krb5.so.2", "libgssapi.so.3", "libgssapi.so.10",
	"/System/Library/Frameworks/GSS.framework/GSS"
};

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	{ "gss_import_name", offsetof(struct abi, import_name) },
	{ "gss_init_sec_context", offsetof(struct abi, init_sec_context) },
	{ "gss_delete_sec_context", offsetof(struct abi, delete_sec_context) },
	{ "gss_release_name", offsetof(struct abi, release_name) },
	{ "gss_release_buffer", offsetof(struct abi, release_buffer) },
	{ "gss_display_status", offsetof(struct abi, display_status) }
};

/* Whatever is in the way first is told: it is what most systems would have. */
static int
failed_to_load(void)
{
	const char *error = dlerror();

	if (*missing == '\0')
		(void)snprintf(missing, sizeof missing, "%s",
		    error != NULL ? error : "no reason is given");
	return 0;
}

static int
load_from(const char *file)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL), *f;
	size_t i;

	if (library == NULL)
		return failed_to_load();
	for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		f = dlsym(library, functions[i].name);
		if (f == NULL) {
			(void)failed_to_load();
			(void)dlclose(library);
			return 0;
		}
		/* POSIX has them of one size; C has no conversion. */
		memcpy((char *)&abi + functions[i].at, &f, sizeof f);
	}
	*missing = '\0';
	return 1;
}

static void
load(void)
{
	size_t i;

	for (i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
		if (load_from(libraries[i]))
			return;
}

int
abi_find(const char **why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	*why = missing;
	return *missing == '\0';
}
