/* test_proxy_memory.c - a proxy that runs out of memory at any place of a whole
 * exchange: all arrives, or it is not taken for all */
#include "unit.h"
#include "proxy_rig.h"
#include "oom.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

enum { TURNS = 1500 };

/* What a client says, and what it hears when all is well. */
struct wish {
	int message;            /* passed on, and not a tunnel */
	const char *head, *more;
	const char *answer;     /* of the origin, when it has heard "more" */
};

static const struct wish tunnel = {
	0, "CONNECT 127.0.0.1:%u HTTP/1.0\r\n\r\n", "question", "answer"
};

static const struct wish message = {
	1, "POST http://127.0.0.1:%u/ HTTP/1.0\r\nContent-Length: 8\r\n\r\n",
	"question", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"
};

/* What has come of one side so far. */
struct heard {
	int fd, end;            /* 1: ended, -1: reset */
	char text[1000];
	size_t n;
};

static void
hear(struct heard *h)
{
	ssize_t r;

	if (h->fd < 0 || h->end != 0)
		return;
	r = recv(h->fd, h->text + h->n, sizeof h->text - 1 - h->n,
	    MSG_DONTWAIT);
	if (r > 0)
		h->n += (size_t)r;
	else if (r == 0)
		h->end = 1;
	else if (errno != EAGAIN)
		h->end = -1;
}

/* 1 when it listens. */
static int
begin(const struct tunnel_alloc *a, struct tunnel_proxy *p)
{
	struct tunnel_policy *policy = tunnel_policy_new(a);

	if (policy == NULL)
		return 0;
	if (tunnel_policy_allow(policy, "127.0.0.0/8") < 0 ||
	    tunnel_proxy_policy(p, policy) < 0) {
		tunnel_policy_free(policy);
		return 0;
	}
	return tunnel_proxy_http(p, 1) == 0 &&
	    tunnel_proxy_listen(p, "127.0.0.1:0") == 0 &&
	    tunnel_proxy_start(p) == 0;
}

static int
come_in(const struct tunnel_proxy *p, const struct wish *w)
{
	struct sockaddr_in at;
	char text[200];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)atoi(strrchr(
	    tunnel_proxy_address(p, 0), ':') + 1));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	snprintf(text, sizeof text, w->head, rig.origin_port);
	rig_say(fd, text);
	rig_say(fd, w->more);
	if (!w->message)
		shutdown(fd, SHUT_WR);
	return fd;
}

/* The origin answers what is whole; a tunnel is that by its end. */
static void
answer(struct heard *o, const struct wish *w)
{
	size_t n = strlen(w->more);
	int whole = o->n >= n && memcmp(o->text + o->n - n, w->more, n) == 0;

	if (o->fd < 0 || o->end < 0)
		return;
	if (!w->message && o->end > 0 && o->n > 0)
		assert_true(whole);
	if (whole && (w->message || o->end > 0)) {
		(void)send(o->fd, w->answer, strlen(w->answer), MSG_NOSIGNAL);
		shutdown(o->fd, SHUT_WR);
		o->end = -1;
	}
}

static int
is_answered(const struct heard *c, const char *text)
{
	size_t n = strlen(text);

	return c->end > 0 && c->n >= n &&
	    memcmp(c->text + c->n - n, text, n) == 0;
}

static int
exchange(struct tunnel_loop *l, const struct tunnel_proxy *p,
    const struct wish *w)
{
	struct heard client, origin;
	int i;

	memset(&client, 0, sizeof client);
	memset(&origin, 0, sizeof origin);
	client.fd = come_in(p, w);
	origin.fd = -1;
	for (i = 0; i < TURNS && client.end == 0; i++) {
		tunnel_loop_step(l, 2);
		if (origin.fd < 0)
			origin.fd = accept(rig.origin, NULL, NULL);
		hear(&origin);
		answer(&origin, w);
		hear(&client);
	}
	assert_int_not_equal(client.end, 0);
	close(client.fd);
	if (origin.fd >= 0)
		close(origin.fd);
	/* Who was promised a tunnel takes an end for one. */
	if (!w->message && client.end > 0 &&
	    strncmp(client.text, "HTTP/1.1 200", 12) == 0)
		assert_true(is_answered(&client, w->answer));
	return strncmp(client.text, "HTTP/1.1 200", 12) == 0 &&
	    is_answered(&client, "answer");
}

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_loop *l = tunnel_loop_new(a, backend);
	struct tunnel_proxy *p = l != NULL ? tunnel_proxy_new(a, l) : NULL;
	int ok = p != NULL && begin(a, p) && exchange(l, p, ud);

	tunnel_proxy_free(p);
	tunnel_loop_free(l);
	return ok;
}

static void
starve(const struct wish *w)
{
	struct wish copy = *w;

	assert_int_equal(fcntl(rig.origin, F_SETFL, O_NONBLOCK), 0);
	oom_run(scenario, &copy);
}

static void
tunnels(void **state)
{
	(void)state;
	starve(&tunnel);
}

static void
messages(void **state)
{
	(void)state;
	starve(&message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(tunnels), RIG_TEST(messages),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
