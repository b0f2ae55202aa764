/* users.c - who may come in, and with which password
 *
 * A table by the hash of the name, at most half full; who finds a slot taken
 * goes on to the next one.  Whoever asks must not learn by the time that an
 * answer takes who is in it: so every check hashes once, and looks at as many
 * slots as the user needs who stands farthest from where they belong.
 */
#include <tunnel/users.h>

#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/hash.h"

enum { SLOTS_FIRST = 16, SIZE = 16 };

struct user {
	uint8_t digest[SIZE];
	uint8_t name[SIZE];     /* its MD5: one length for all */
	uint8_t there;
};

struct table {
	struct user *slot;
	size_t cap;                     /* 0 or a power of two */
	size_t reach;                   /* so many slots have to be looked at */
};

struct tunnel_users {
	struct tunnel_alloc a;
	struct table t;
	size_t n;
	size_t realm_n;
};

static char *
realm(const struct tunnel_users *u)
{
	return (char *)(u + 1);
}

static int
is_plain(const char *text, const char *without)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f ||
		    strchr(without, *text) != NULL)
			return 0;
	return 1;
}

struct tunnel_users *
tunnel_users_new(const struct tunnel_alloc *a, const char *name)
{
	struct tunnel_alloc own;
	struct tunnel_users *u;
	size_t n = strlen(name);

	if (!is_plain(name, ":\"\\"))
		return NULL;
	tnl_alloc_init(&own, a);
	u = tnl_get(&own, sizeof *u + n + 1);
	if (u == NULL)
		return NULL;
	u->a = own;
	u->realm_n = n;
	memcpy(realm(u), name, n + 1);
	return u;
}

/* ---- the table ------------------------------------------------------ */

static struct user *
slot(const struct table *t, const uint8_t name[SIZE], size_t i)
{
	size_t home;

	memcpy(&home, name, sizeof home);
	return &t->slot[(home + i) & (t->cap - 1)];
}

/* Their slot, or a free one, which is within reach from here on. */
static struct user *
find(struct table *t, const uint8_t name[SIZE])
{
	struct user *i;
	size_t n = 0;

	do
		i = slot(t, name, n++);
	while (i->there && memcmp(i->name, name, SIZE) != 0);
	if (n > t->reach)
		t->reach = n;
	return i;
}

static void
free_table(const struct tunnel_alloc *a, struct table *t)
{
	if (t->cap == 0)
		return;
	tnl_wipe(t->slot, t->cap * sizeof *t->slot);
	tnl_put(a, t->slot, t->cap * sizeof *t->slot);
}

static int
grow(struct tunnel_users *u)
{
	struct table t = { NULL, 0, 0 };
	size_t i;

	t.cap = u->t.cap > 0 ? u->t.cap : SLOTS_FIRST / 2;
	if (t.cap > SIZE_MAX / 2 / sizeof *t.slot)
		return TUNNEL_ENOMEM;
	t.cap *= 2;
	t.slot = tnl_get(&u->a, t.cap * sizeof *t.slot);
	if (t.slot == NULL)
		return TUNNEL_ENOMEM;
	for (i = 0; i < u->t.cap; i++)
		if (u->t.slot[i].there)
			*find(&t, u->t.slot[i].name) = u->t.slot[i];
	free_table(&u->a, &u->t);
	u->t = t;
	return 0;
}

void
tunnel_users_free(struct tunnel_users *u)
{
	struct tunnel_alloc a;

	if (u == NULL)
		return;
	a = u->a;
	free_table(&a, &u->t);
	tnl_put(&a, u, sizeof *u + u->realm_n + 1);
}

static void
hash_name(const char *name, size_t n, uint8_t out[SIZE])
{
	struct tnl_hash h;

	tnl_hash_init(&h, TNL_MD5);
	tnl_hash_add(&h, name, n);
	(void)tnl_hash_end(&h, out);
}

/* H(A1) of RFC 7616 section 3.4.2, with MD5. */
static void
hash_secret(const struct tunnel_users *u, const char *name,
    const char *password, uint8_t out[SIZE])
{
	struct tnl_hash h;

	tnl_hash_init(&h, TNL_MD5);
	tnl_hash_add(&h, name, strlen(name));
	tnl_hash_add(&h, ":", 1);
	tnl_hash_add(&h, realm(u), u->realm_n);
	tnl_hash_add(&h, ":", 1);
	tnl_hash_add(&h, password, strlen(password));
	(void)tnl_hash_end(&h, out);
}

static int
put(struct tunnel_users *u, const char *name, size_t n,
    const uint8_t digest[SIZE])
{
	uint8_t known[SIZE];
	struct user *i;

	if (u->n >= u->t.cap / 2 && grow(u) < 0)
		return TUNNEL_ENOMEM;
	hash_name(name, n, known);
	i = find(&u->t, known);
	u->n += !i->there;
	i->there = 1;
	memcpy(i->name, known, sizeof known);
	memcpy(i->digest, digest, SIZE);
	return 0;
}

int
tunnel_users_add(struct tunnel_users *u, const char *user,
    const char *password)
{
	uint8_t digest[SIZE];
	int rv;

	if (!is_plain(user, ":") || !is_plain(password, ""))
		return TUNNEL_EINVAL;
	hash_secret(u, user, password, digest);
	rv = put(u, user, strlen(user), digest);
	tnl_wipe(digest, sizeof digest);
	return rv;
}

/* ---- files ---------------------------------------------------------- */

static int
read_digest(const char *p, size_t n, uint8_t out[SIZE])
{
	size_t i;

	if (n != 2 * SIZE ||
	    tnl_span((const uint8_t *)p, n, TNL_HEX) != n)
		return 0;
	for (i = 0; i < SIZE; i++)
		out[i] = (uint8_t)(tnl_hex((uint8_t)p[2 * i]) << 4 |
		    tnl_hex((uint8_t)p[2 * i + 1]));
	return 1;
}

static int
read_line(struct tunnel_users *u, const char *p, size_t n)
{
	const char *colon, *second;
	uint8_t digest[SIZE];
	size_t name_n, realm_n;

	if (n > 0 && p[n - 1] == '\r')
		n--;
	if (n == 0 || *p == '#')
		return 0;
	colon = memchr(p, ':', n);
	if (colon == NULL)
		return TUNNEL_EINVAL;
	name_n = (size_t)(colon - p);
	second = memchr(colon + 1, ':', n - name_n - 1);
	if (second == NULL || memchr(p, '\0', n) != NULL)
		return TUNNEL_EINVAL;
	realm_n = (size_t)(second - colon) - 1;
	if (!read_digest(second + 1, n - name_n - realm_n - 2, digest))
		return TUNNEL_EINVAL;
	if (realm_n != u->realm_n || memcmp(colon + 1, realm(u), realm_n) != 0)
		return 0;
	return put(u, p, name_n, digest);
}

int
tunnel_users_read(struct tunnel_users *u, const char *text, size_t n,
    unsigned *line)
{
	const char *end;
	size_t len;
	int rv = 0;

	for (*line = 0; n > 0 && rv == 0; ++*line) {
		end = memchr(text, '\n', n);
		len = end != NULL ? (size_t)(end - text) : n;
		rv = read_line(u, text, len);
		len += end != NULL;
		text += len;
		n -= len;
	}
	return rv;
}

/* ---- questions ------------------------------------------------------ */

size_t
tunnel_users_count(const struct tunnel_users *u)
{
	return u->n;
}

const char *
tunnel_users_realm(const struct tunnel_users *u)
{
	return realm(u);
}

int
tunnel_users_check(const struct tunnel_users *u, const char *user,
    const char *password)
{
	uint8_t digest[SIZE], name[SIZE];
	const struct user *at;
	unsigned known = 0;
	size_t i;

	hash_name(user, strlen(user), name);
	hash_secret(u, user, password, digest);
	for (i = 0; i < u->t.reach; i++) {
		at = slot(&u->t, name, i);
		known |= at->there &
		    (unsigned)(tnl_same_secret(at->name, name, SIZE) &
		    tnl_same_secret(at->digest, digest, SIZE));
	}
	tnl_wipe(digest, sizeof digest);
	return known ? 0 : TUNNEL_EAUTH;
}
