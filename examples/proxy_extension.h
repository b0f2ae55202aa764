/* proxy_extension.h - what a shared object is that tunnel-proxy can load
 *
 * --extension FILE loads it at the start and calls its tunnel_extension_1().
 * Whatever tunnel.h declares may be used; it is the program's own library, so
 * an extension is linked to none.  A later version of this will have another
 * name, so that what was built for this one goes on to mean this.
 */
#ifndef PROXY_EXTENSION_H
#define PROXY_EXTENSION_H

#include <tunnel.h>

/* size is set by the program; the rest is zero, and the extension's to fill in.
 * A hook answers as tunnel/session.h has it, but not TUNNEL_ASK.  Those of
 * request, authorise and dial come before the program's own, the others behind
 * them; with several threads they are called from each, at the same time. */
struct tunnel_extension {
	size_t size;
	void *ud;                       /* for hooks and end */
	tunnel_hook_fn hook[TUNNEL_ON_FAIL + 1];        /* enum tunnel_hook */
	void (*end)(void *ud);          /* when no hook is called any more */
};

/* Fill it in: 0, or another value and the program does not start, the extension
 * having said why on standard error. */
int tunnel_extension_1(struct tunnel_extension *e);

/* ---- for the program ---------------------------------------------------- */

/* Load it (NULL: none): 0 or an exit status after having said why. */
int extension_load(const char *path);
void extension_unload(void);

/* As tunnel_proxy_hook(3), with the extension's before or behind it.  For those
 * hooks that the program has none of: fn NULL. */
void extension_hook(struct tunnel_proxy *p, int which, tunnel_hook_fn fn,
    void *ud);

/* All hooks that have not been set so far. */
void extension_rest(struct tunnel_proxy *p);

#endif
