/* census.c - how many there are of everything, over all threads
 *
 * Counting is each thread's own affair, in a tally that only it writes, so that
 * threads do not wait for each other's cache lines; whoever wants to know adds
 * the tallies up.  What has a limit for all of them, tunnels and the sessions
 * of a client, is under one mutex, held for a few instructions.  Clients are
 * kept in a hash table that has only those who are there.
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
	tnl_put(&c->a, c->tally, c->threads * sizeof *c->tally);
	tnl_put(&c->a, c->bucket, c->buckets * sizeof *c->bucket);
	(void)pthread_mutex_destroy(&c->mutex);
}

int
tnl_census_open(struct tnl_census *c, unsigned threads)
{
	/* There may have been an attempt before. */
	tnl_put(&c->a, c->tally, c->threads * sizeof *c->tally);
	c->threads = 0;
	c->tally = tnl_get(&c->a, threads * sizeof *c->tally);
	if (c->tally == NULL)
		return TUNNEL_ENOMEM;
	c->threads = threads;
	return 0;
}

void
tnl_tally_add(struct tnl_tally *t, int which, int64_t n)
{
	__atomic_store_n(&t->count[which], t->count[which] + (uint64_t)n,
	    __ATOMIC_RELAXED);
}

static uint64_t
tunnels(struct tnl_census *c)
{
	uint64_t n;

	(void)pthread_mutex_lock(&c->mutex);
	n = c->tunnels;
	(void)pthread_mutex_unlock(&c->mutex);
	return n;
}

uint64_t
tnl_census_get(struct tnl_census *c, int which)
{
	uint64_t n = 0;
	unsigned i;

	if (which == TUNNEL_COUNT_TUNNELS)
		return tunnels(c);
	for (i = 0; i < c->threads; i++)
		n += __atomic_load_n(&c->tally[i].count[which],
		    __ATOMIC_RELAXED);
	return n;
}

int
tnl_census_reserve(struct tnl_census *c, uint64_t max)
{
	int ok;

	(void)pthread_mutex_lock(&c->mutex);
	ok = max == 0 || c->tunnels < max;
	c->tunnels += ok ? 1 : 0;
	(void)pthread_mutex_unlock(&c->mutex);
	return ok ? 0 : TUNNEL_EBUSY;
}

void
tnl_census_release(struct tnl_census *c)
{
	(void)pthread_mutex_lock(&c->mutex);
	c->tunnels--;
	(void)pthread_mutex_unlock(&c->mutex);
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
	assert(k != NULL);
	if (--k->sessions == 0) {
		*at = k->next;
		c->clients--;
		tnl_put(&c->a, k, sizeof *k);
	}
	(void)pthread_mutex_unlock(&c->mutex);
}
