/* proxy_extension.c - what tunnel-proxy does is extended by a shared object
 *
 * A proxy has one function for each hook.  Where the program and the extension
 * both have one, they are called one after the other: what decides whether and
 * how there is a dial asks the extension first, so that the program's own word,
 * which may take its time, is the last one; what tells of something done tells
 * the program first.
 */
#include "proxy_extension.h"

#include <dlfcn.h>
#include <string.h>

#include "proxy_say.h"

enum { HOOKS = TUNNEL_ON_FAIL + 1 };

static struct slot {
	tunnel_hook_fn own;
	void *ud;
	int which, set;
} slots[HOOKS];

static struct tunnel_extension extension;
static void *handle;

int
extension_load(const char *path)
{
	int (*begin)(struct tunnel_extension *) = NULL;
	void *entry;

	if (path == NULL)
		return 0;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		say("cannot load the extension: %s", dlerror());
		return 2;
	}
	entry = dlsym(handle, "tunnel_extension_1");
	if (entry == NULL) {
		say("%s is no extension: it has no tunnel_extension_1", path);
		return 2;
	}
	/* POSIX lets a function be kept so; ISO C has no cast for it. */
	memcpy(&begin, &entry, sizeof begin);
	extension.size = sizeof extension;
	if (begin(&extension) == 0)
		return 0;
	say("the extension %s does not want to run", path);
	memset(&extension, 0, sizeof extension);
	return 2;
}

void
extension_unload(void)
{
	if (extension.end != NULL)
		extension.end(extension.ud);
	memset(&extension, 0, sizeof extension);
	if (handle != NULL)
		(void)dlclose(handle);
	handle = NULL;
}

/* An answer that comes later would pass over what the program has to say. */
static int
ask_extension(int which, struct tunnel_session *s)
{
	int rv = extension.hook[which] != NULL ?
	    extension.hook[which](extension.ud, s) : 0;

	return rv == TUNNEL_ASK ? TUNNEL_ESTATE : rv;
}

static int
ask_program(const struct slot *h, struct tunnel_session *s)
{
	return h->own != NULL ? h->own(h->ud, s) : 0;
}

static int
on_hook(void *ud, struct tunnel_session *s)
{
	const struct slot *h = ud;
	int rv;

	switch ((enum tunnel_hook)h->which) {
	case TUNNEL_ON_REQUEST:
	case TUNNEL_ON_AUTHORISE:
	case TUNNEL_ON_DIAL:
		rv = ask_extension(h->which, s);
		return rv != 0 ? rv : ask_program(h, s);
	case TUNNEL_ON_AUTHENTICATE:
	case TUNNEL_ON_FAIL:
		rv = ask_program(h, s);
		return rv != 0 ? rv : ask_extension(h->which, s);
	case TUNNEL_ON_OPEN:
	case TUNNEL_ON_CLOSE:
		(void)ask_program(h, s);
		return ask_extension(h->which, s);
	}
	return 0;
}

void
extension_hook(struct tunnel_proxy *p, int which, tunnel_hook_fn fn, void *ud)
{
	struct slot *h = &slots[which];

	h->own = fn;
	h->ud = ud;
	h->which = which;
	h->set = 1;
	if (extension.hook[which] == NULL)
		(void)tunnel_proxy_hook(p, which, fn, ud);
	else
		(void)tunnel_proxy_hook(p, which, on_hook, h);
}

void
extension_rest(struct tunnel_proxy *p)
{
	int i;

	for (i = 0; i < HOOKS; i++)
		if (!slots[i].set)
			extension_hook(p, i, NULL, NULL);
}
