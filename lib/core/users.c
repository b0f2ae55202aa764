/* users.c - who may come in, and with which password
 *
 * A table for each hash, by H(user ":" realm), which is what stands for a name
 * where userhash is in use (RFC 7616 section 3.4.4).  Whoever asks must not
 * learn by the time that an answer takes who is in it: so every check hashes
 * the same, and the tables are looked through alike.
 */
#include "core/users.h"

#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"
#include "core/proof.h"
#include "core/user_table.h"

/* Of a password there is a digest by one hash or by both. */
enum { BY_MD5, BY_SHA256, KINDS };

static const int hash[KINDS] = { TNL_MD5, TNL_SHA256 };

struct tunnel_users {
	struct tunnel_alloc a;
	struct tnl_user_table t[KINDS];
	struct tnl_buf names;           /* strings; the first is empty */
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
	tnl_buf_init(&u->names, &u->a, SIZE_MAX);
	return u;
}

/* ---- the table ------------------------------------------------------ */

/* ---- the tables ----------------------------------------------------- */

void
tunnel_users_free(struct tunnel_users *u)
{
	struct tunnel_alloc a;
	int by;

	if (u == NULL)
		return;
	a = u->a;
	for (by = 0; by < KINDS; by++)
		tnl_user_table_free(&u->t[by], &a);
	tnl_buf_free(&u->names);
	tnl_put(&a, u, sizeof *u + u->realm_n + 1);
}

static void
hash_name(const struct tunnel_users *u, int by, const char *name, size_t n,
    uint8_t out[TNL_HASH_MAX])
{
	struct tnl_hash h;

	tnl_hash_init(&h, hash[by]);
	tnl_hash_add(&h, name, n);
	tnl_hash_add(&h, ":", 1);
	tnl_hash_add(&h, realm(u), u->realm_n);
	(void)tnl_hash_end(&h, out);
}

/* Where a new name is from here on; 0 without memory. */
static size_t
keep_name(struct tunnel_users *u, const char *name, size_t n)
{
	size_t at;

	if (u->names.n == 0 && tnl_buf_byte(&u->names, '\0') < 0)
		return 0;
	at = u->names.n;
	if (tnl_buf_add(&u->names, name, n) == 0 &&
	    tnl_buf_byte(&u->names, '\0') == 0)
		return at;
	u->names.n = at;
	return 0;
}

/* Where the name is of a user who may be new; 0 without memory. */
static size_t
enter(struct tunnel_users *u, const char *name, size_t n)
{
	uint8_t key[TNL_HASH_MAX];
	size_t at = 0;
	int by;

	for (by = 0; by < KINDS && at == 0; by++) {
		if (u->t[by].n == 0)
			continue;
		hash_name(u, by, name, n, key);
		at = tnl_user_table_find(&u->t[by], key)->name;
	}
	if (at == 0) {
		at = keep_name(u, name, n);
		u->n += at != 0;
	}
	return at;
}

/* There is room: this is their digest by that hash. */
static void
put(struct tunnel_users *u, int by, size_t at, const uint8_t *digest)
{
	const char *name = tnl_buf_text(&u->names, at);
	struct tnl_user *user;
	uint8_t key[TNL_HASH_MAX];

	hash_name(u, by, name, strlen(name), key);
	user = tnl_user_table_find(&u->t[by], key);
	u->t[by].n += user->name == 0;
	user->name = at;
	memcpy(user->key, key, sizeof user->key);
	memcpy(user->digest, digest, tnl_hash_size(hash[by]));
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

int
tunnel_users_add(struct tunnel_users *u, const char *name,
    const char *password)
{
	uint8_t digest[KINDS][TNL_HASH_MAX];
	size_t at;
	int by;

	if (!is_plain(name, ":") || !is_plain(password, ""))
		return TUNNEL_EINVAL;
	for (by = 0; by < KINDS; by++)
		if (tnl_user_table_room(&u->t[by], &u->a) < 0)
			return TUNNEL_ENOMEM;
	at = enter(u, name, strlen(name));
	if (at == 0)
		return TUNNEL_ENOMEM;
	hash_secret(u, name, password, digest);
	for (by = 0; by < KINDS; by++)
		put(u, by, at, digest[by]);
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
	size_t name_n, realm_n, at;
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
	at = tnl_user_table_room(&u->t[by], &u->a) == 0 ?
	    enter(u, p, name_n) : 0;
	if (at != 0)
		put(u, by, at, digest);
	tnl_wipe(digest, sizeof digest);
	return at != 0 ? 0 : TUNNEL_ENOMEM;
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

/* Which hash that is, or KINDS for one of which there is nothing. */
static int
by_hash(int kind)
{
	int by = 0;

	while (by < KINDS && hash[by] != kind)
		by++;
	return by;
}

size_t
tnl_users_with(const struct tunnel_users *u, int kind)
{
	int by = by_hash(kind);

	return by < KINDS ? u->t[by].n : 0;
}

int
tnl_users_secret(const struct tunnel_users *u, const char *user, int kind,
    uint8_t out[TNL_HASH_MAX])
{
	uint8_t key[TNL_HASH_MAX];
	struct tnl_user found;
	int by = by_hash(kind), known;

	memset(out, 0, TNL_HASH_MAX);
	if (by == KINDS)
		return 0;
	hash_name(u, by, user, strlen(user), key);
	known = tnl_user_table_gather(&u->t[by], key, &found);
	memcpy(out, found.digest, TNL_HASH_MAX);
	tnl_wipe(&found, sizeof found);
	return known;
}

int
tnl_users_name(const struct tunnel_users *u, const char *hex, int kind,
    char *out, size_t cap)
{
	uint8_t key[TNL_HASH_MAX];
	struct tnl_user found;
	int by = by_hash(kind);
	size_t i;

	memset(out, 0, cap);
	if (by == KINDS || u->names.n == 0 ||
	    !tnl_hash_unhex(hex, strlen(hex), key, tnl_hash_size(kind)))
		return 0;
	(void)tnl_user_table_gather(&u->t[by], key, &found);
	/* A name takes as long as none, the empty one in front. */
	for (i = 0; i < cap; i++) {
		out[i] = (char)u->names.p[found.name];
		found.name += out[i] != '\0';
	}
	return out[cap - 1] == '\0' && *out != '\0';
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
