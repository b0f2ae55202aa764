/* helper_oom.c - see oom.h */
#include "oom.h"

#include "unit.h"

/* The size stands before the block, so that put can be held to it. */
union header {
	size_t size;
	long double align;
};

static void *
get(void *ud, size_t size)
{
	struct oom *o = ud;
	union header *h;

	o->calls++;
	if (o->fail_at != 0 && (o->calls == o->fail_at ||
	    (o->all_after && o->calls > o->fail_at))) {
		o->failed++;
		return NULL;
	}
	h = malloc(sizeof *h + size);
	assert_non_null(h);
	h->size = size;
	memset(h + 1, 0xa5, size);
	o->live++;
	o->bytes += size;
	return h + 1;
}

static void
put(void *ud, void *block, size_t size)
{
	struct oom *o = ud;
	union header *h = (union header *)block - 1;
	size_t i, n;

	assert_int_equal(h->size, size);
	n = o->secret != NULL ? strlen(o->secret) : 0;
	for (i = 0; n > 0 && i + n <= size; i++)
		assert_memory_not_equal((char *)block + i, o->secret, n);
	o->live--;
	o->bytes -= size;
	free(h);
}

void
oom_init(struct oom *o)
{
	memset(o, 0, sizeof *o);
	o->alloc.get = get;
	o->alloc.put = put;
	o->alloc.ud = o;
}

static int
once(int (*scenario)(const struct tunnel_alloc *a, void *ud), void *ud,
    size_t n, int all_after)
{
	struct oom o;
	int done;

	oom_init(&o);
	o.fail_at = n;
	o.all_after = all_after;
	done = scenario(&o.alloc, ud);
	assert_int_equal(o.live, 0);
	assert_int_equal(o.bytes, 0);
	if (o.failed == 0)
		assert_true(done);
	return o.failed > 0;
}

void
oom_run(int (*scenario)(const struct tunnel_alloc *a, void *ud), void *ud)
{
	size_t n;

	for (n = 1; once(scenario, ud, n, 0); n++)
		(void)once(scenario, ud, n, 1);
}
