/* census.c - how many there are of everything, over all threads
 *
 * One mutex, held for a few instructions: next to the system calls that each
 * count stands for, it costs nothing.  Clients are kept in a hash table that
 * has only those who are there.
 */
#include "net/census.h"

#include <assert.h>
#include <string.h>

enum { BUCKETS_FIRST = 64 };

struct tnl_client {
	struct tnl_client *next;
	uint64_t sessions;
	size_t n;
	uint8_t addr[16];
};

int
tnl_census_init(struct tnl_census *c, const struct tunnel_alloc *a)
{
	memset(c, 0, sizeof *c);
	c->a = *a;
	c->buckets = BUCKETS_FIRST;
	c->bucket = tnl_get(&c->a, c->buckets * sizeof *c->bucket);
	if (c->bucket == NULL)
		return TUNNEL_ENOMEM;
	(void)pthread_mutex_init(&c->mutex, NULL);
	return 0;
}

void
tnl_census_free(struct tnl_census *c)
{
	if (c->bucket == NULL)
		return;
	assert(c->clients == 0);
	tnl_put(&c->a, c->bucket, c->buckets * sizeof *c->bucket);
	(void)pthread_mutex_destroy(&c->mutex);
}

void
tnl_census_add(struct tnl_census *c, int which, int64_t n)
{
	(void)pthread_mutex_lock(&c->mutex);
	c->count[which] += (uint64_t)n;
	(void)pthread_mutex_unlock(&c->mutex);
}

uint64_t
tnl_census_get(struct tnl_census *c, int which)
{
	uint64_t n;

	(void)pthread_mutex_lock(&c->mutex);
	n = c->count[which];
	(void)pthread_mutex_unlock(&c->mutex);
	return n;
}

int
tnl_census_reserve(struct tnl_census *c, int which, uint64_t max)
{
	int ok;

	(void)pthread_mutex_lock(&c->mutex);
	ok = max == 0 || c->count[which] < max;
	c->count[which] += ok ? 1 : 0;
	(void)pthread_mutex_unlock(&c->mutex);
	return ok ? 0 : TUNNEL_EBUSY;
}

/* ---- clients -------------------------------------------------------- */

/* FNV-1a, over the address. */
static size_t
hash(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;

	while (n-- > 0)
		h = (h ^ *p++) * 16777619u;
	return h;
}

/* Where a client is, or where it would be. */
static struct tnl_client **
find(struct tnl_census *c, const struct tnl_endpoint *e)
{
	struct tnl_client **at = &c->bucket[hash(e->addr, e->n) &
	    (c->buckets - 1)];

	while (*at != NULL && ((*at)->n != e->n ||
	    memcmp((*at)->addr, e->addr, e->n) != 0))
		at = &(*at)->next;
	return at;
}

/* Twice as many buckets; without memory they just get longer. */
static void
grow(struct tnl_census *c)
{
	size_t n = c->buckets * 2, i, h;
	struct tnl_client **bucket = tnl_get(&c->a, n * sizeof *bucket);
	struct tnl_client *k;

	if (bucket == NULL)
		return;
	for (i = 0; i < c->buckets; i++)
		while ((k = c->bucket[i]) != NULL) {
			c->bucket[i] = k->next;
			h = hash(k->addr, k->n) & (n - 1);
			k->next = bucket[h];
			bucket[h] = k;
		}
	tnl_put(&c->a, c->bucket, c->buckets * sizeof *c->bucket);
	c->bucket = bucket;
	c->buckets = n;
}

static int
enter(struct tnl_census *c, const struct tnl_endpoint *e, uint64_t max)
{
	struct tnl_client **at, *k;

	if (c->clients >= c->buckets)
		grow(c);
	at = find(c, e);
	k = *at;
	if (k == NULL) {
		k = tnl_get(&c->a, sizeof *k);
		if (k == NULL)
			return TUNNEL_ENOMEM;
		k->n = e->n;
		memcpy(k->addr, e->addr, e->n);
		*at = k;
		c->clients++;
	}
	if (max > 0 && k->sessions >= max)
		return TUNNEL_EQUOTA;
	k->sessions++;
	return 0;
}

int
tnl_census_enter(struct tnl_census *c, const struct tnl_endpoint *e,
    uint64_t max)
{
	int rv;

	if (e->n == 0)
		return 0;
	(void)pthread_mutex_lock(&c->mutex);
	rv = enter(c, e, max);
	(void)pthread_mutex_unlock(&c->mutex);
	return rv;
}

void
tnl_census_leave(struct tnl_census *c, const struct tnl_endpoint *e)
{
	struct tnl_client **at, *k;

	if (e->n == 0)
		return;
	(void)pthread_mutex_lock(&c->mutex);
	at = find(c, e);
	k = *at;
	if (--k->sessions == 0) {
		*at = k->next;
		c->clients--;
		tnl_put(&c->a, k, sizeof *k);
	}
	(void)pthread_mutex_unlock(&c->mutex);
}
