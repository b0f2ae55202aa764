/* users.c - who may come in, and with which password
 *
 * A table by the hash of the name, at most half full; who finds a slot taken
 * goes on to the next one.  Whoever asks must not learn by the time that an
 * answer takes who is in it: so every check hashes the same, and looks at as
 * many slots as the user needs who stands farthest from where they belong.
 */
#include "core/users.h"

#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/proof.h"

enum { SLOTS_FIRST = 16, NAME = 16 };

/* Of a password there is a digest by one hash or by both. */
enum { BY_MD5, BY_SHA256, KINDS };

static const int hash[KINDS] = { TNL_MD5, TNL_SHA256 };

struct user {
	uint8_t digest[KINDS][TNL_HASH_MAX];
	uint8_t name[NAME];     /* its MD5: one length for all */
	uint8_t has[KINDS];     /* 1: there is that digest; neither: free */
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
	size_t with[KINDS];             /* so many have that digest */
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

static int
is_there(const struct user *user)
{
	return user->has[BY_MD5] | user->has[BY_SHA256];
}

static struct user *
slot(const struct table *t, const uint8_t name[NAME], size_t i)
{
	size_t home;

	memcpy(&home, name, sizeof home);
	return &t->slot[(home + i) & (t->cap - 1)];
}

/* Their slot, or a free one, which is within reach from here on. */
static struct user *
find(struct table *t, const uint8_t name[NAME])
{
	struct user *i;
	size_t n = 0;

	do
		i = slot(t, name, n++);
	while (is_there(i) && memcmp(i->name, name, NAME) != 0);
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
		if (is_there(&u->t.slot[i]))
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
hash_name(const char *name, size_t n, uint8_t out[NAME])
{
	struct tnl_hash h;

	tnl_hash_init(&h, TNL_MD5);
	tnl_hash_add(&h, name, n);
	(void)tnl_hash_end(&h, out);
}

/* H(A1) of RFC 7616 section 3.4.2, by both hashes. */
static void
hash_secret(const struct tunnel_users *u, const char *name,
    const char *password, uint8_t out[KINDS][TNL_HASH_MAX])
{
	int by;

	for (by = 0; by < KINDS; by++)
		(void)tnl_proof_secret(hash[by], name, realm(u), password,
		    out[by]);
}

/* The user of that name, who may be new; NULL without memory. */
static struct user *
enter(struct tunnel_users *u, const char *name, size_t n)
{
	uint8_t known[NAME];
	struct user *user;

	if (u->n >= u->t.cap / 2 && grow(u) < 0)
		return NULL;
	hash_name(name, n, known);
	user = find(&u->t, known);
	memcpy(user->name, known, sizeof known);
	return user;
}

static void
put(struct tunnel_users *u, struct user *user, int by, const uint8_t *digest)
{
	u->n += !is_there(user);
	u->with[by] += !user->has[by];
	user->has[by] = 1;
	memcpy(user->digest[by], digest, tnl_hash_size(hash[by]));
}

int
tunnel_users_add(struct tunnel_users *u, const char *name,
    const char *password)
{
	uint8_t digest[KINDS][TNL_HASH_MAX];
	struct user *user;
	int by;

	if (!is_plain(name, ":") || !is_plain(password, ""))
		return TUNNEL_EINVAL;
	user = enter(u, name, strlen(name));
	if (user == NULL)
		return TUNNEL_ENOMEM;
	hash_secret(u, name, password, digest);
	for (by = 0; by < KINDS; by++)
		put(u, user, by, digest[by]);
	tnl_wipe(digest, sizeof digest);
	return 0;
}

/* ---- files ---------------------------------------------------------- */

/* Its length says which hash it is of; which one, or KINDS: none. */
static int
read_digest(const char *p, size_t n, uint8_t out[TNL_HASH_MAX])
{
	int by = 0;

	while (by < KINDS &&
	    !tnl_hash_unhex(p, n, out, tnl_hash_size(hash[by])))
		by++;
	return by;
}

static int
read_line(struct tunnel_users *u, const char *p, size_t n)
{
	const char *colon, *second;
	uint8_t digest[TNL_HASH_MAX];
	size_t name_n, realm_n;
	struct user *user;
	int by;

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
	by = read_digest(second + 1, n - name_n - realm_n - 2, digest);
	if (by == KINDS)
		return TUNNEL_EINVAL;
	if (realm_n != u->realm_n || memcmp(colon + 1, realm(u), realm_n) != 0)
		return 0;
	user = enter(u, p, name_n);
	if (user == NULL)
		return TUNNEL_ENOMEM;
	put(u, user, by, digest);
	tnl_wipe(digest, sizeof digest);
	return 0;
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

size_t
tnl_users_with(const struct tunnel_users *u, int kind)
{
	size_t n = 0;
	int by;

	for (by = 0; by < KINDS; by++)
		n += hash[by] == kind ? u->with[by] : 0;
	return n;
}

int
tnl_users_secret(const struct tunnel_users *u, const char *user, int kind,
    uint8_t out[TNL_HASH_MAX])
{
	int by = kind == TNL_SHA256 ? BY_SHA256 : BY_MD5;
	const struct user *at;
	uint8_t name[NAME];
	unsigned mine, known = 0;
	size_t i, j;

	memset(out, 0, TNL_HASH_MAX);
	hash_name(user, strlen(user), name);
	for (i = 0; i < u->t.reach; i++) {
		at = slot(&u->t, name, i);
		mine = at->has[by] & (hash[by] == kind) &
		    (unsigned)tnl_same_secret(at->name, name, NAME);
		known |= mine;
		for (j = 0; j < TNL_HASH_MAX; j++)
			out[j] |= (uint8_t)(at->digest[by][j] & (0u - mine));
	}
	return (int)known;
}

/* A user who has both digests is held to the stronger one. */
int
tunnel_users_check(const struct tunnel_users *u, const char *user,
    const char *password)
{
	uint8_t given[KINDS][TNL_HASH_MAX], kept[TNL_HASH_MAX];
	int by, has, right = 0;

	hash_secret(u, user, password, given);
	for (by = 0; by < KINDS; by++) {
		has = tnl_users_secret(u, user, hash[by], kept);
		right = (has & tnl_same_secret(kept, given[by],
		    tnl_hash_size(hash[by]))) | (right & !has);
	}
	tnl_wipe(given, sizeof given);
	tnl_wipe(kept, sizeof kept);
	return right ? 0 : TUNNEL_EAUTH;
}
