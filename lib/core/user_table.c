/* user_table.c - digests of passwords, by a hash of the user's name
 *
 * At most half full; who finds a slot taken goes on to the next one.  Who asks
 * must not learn by the time that an answer takes who is in it: so as many
 * slots are looked at as the user needs who stands farthest from where they
 * belong.
 */
#include "core/user_table.h"

#include <assert.h>
#include <string.h>

#include "core/ascii.h"

enum { SLOTS_FIRST = 16 };

static struct tnl_user *
slot(const struct tnl_user_table *t, const uint8_t *key, size_t i)
{
	size_t home;

	memcpy(&home, key, sizeof home);
	return &t->slot[(home + i) & (t->cap - 1)];
}

struct tnl_user *
tnl_user_table_find(struct tnl_user_table *t, const uint8_t *key)
{
	struct tnl_user *i;
	size_t n = 0;

	do
		i = slot(t, key, n++);
	while (i->name != 0 && memcmp(i->key, key, TNL_USER_KEY) != 0);
	if (n > t->reach)
		t->reach = n;
	return i;
}

void
tnl_user_table_free(struct tnl_user_table *t, const struct tunnel_alloc *a)
{
	if (t->cap == 0)
		return;
	tnl_wipe(t->slot, t->cap * sizeof *t->slot);
	tnl_put(a, t->slot, t->cap * sizeof *t->slot);
}

int
tnl_user_table_room(struct tnl_user_table *old, const struct tunnel_alloc *a)
{
	struct tnl_user_table t = { NULL, 0, 0, 0 };
	const struct tnl_user *user;
	size_t i;

	if (old->n < old->cap / 2)
		return 0;
	t.n = old->n;
	t.cap = old->cap > 0 ? old->cap : SLOTS_FIRST / 2;
	/* No object has more than half of the bytes that size_t counts. */
	assert(t.cap <= SIZE_MAX / 2 / sizeof *t.slot);
	t.cap *= 2;
	t.slot = tnl_get(a, t.cap * sizeof *t.slot);
	if (t.slot == NULL)
		return TUNNEL_ENOMEM;
	for (i = 0; i < old->cap; i++) {
		user = &old->slot[i];
		if (user->name != 0)
			*tnl_user_table_find(&t, user->key) = *user;
	}
	tnl_user_table_free(old, a);
	*old = t;
	return 0;
}

int
tnl_user_table_gather(const struct tnl_user_table *t, const uint8_t *key,
    struct tnl_user *out)
{
	const struct tnl_user *at;
	unsigned mine, known = 0;
	size_t i, j;

	memset(out, 0, sizeof *out);
	for (i = 0; i < t->reach; i++) {
		at = slot(t, key, i);
		mine = (unsigned)(at->name != 0) &
		    (unsigned)tnl_same_secret(at->key, key, TNL_USER_KEY);
		known |= mine;
		out->name |= at->name & (0 - (size_t)mine);
		for (j = 0; j < TNL_HASH_MAX; j++)
			out->digest[j] |= (uint8_t)(at->digest[j] &
			    (0u - mine));
	}
	return (int)known;
}
