/* helper_loop_rig.c - see loop_rig.h */
#include "loop_rig.h"

#include "unit.h"

struct tunnel_loop *
loop_make(void)
{
	struct tunnel_loop *l = tunnel_loop_new(NULL, backend);

	assert_non_null(l);
	assert_string_equal(tunnel_loop_backend(l), backend);
	return l;
}

void
loop_see(void *ud, int ready)
{
	struct loop_seen *s = ud;

	s->calls++;
	s->ready = ready;
}

void
loop_count(void *ud)
{
	++*(int *)ud;
}

void
loop_await(struct tunnel_loop *l, const int *calls, int n)
{
	int idle = 0, before;

	/* Not so many rounds, but so many in which nothing has come. */
	while (*calls < n && idle < 1000) {
		before = *calls;
		assert_int_equal(tunnel_loop_step(l, 1000), 0);
		idle = *calls == before ? idle + 1 : 0;
	}
	assert_int_equal(*calls, n);
}
