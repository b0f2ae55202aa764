/* count_secrets.c - check secrets in every wrong way
 *
 * For gate_timing.sh, which counts the instructions of each call of measured();
 * what they were is printed, a line each.  There are 40 users, u00 to u39, each
 * with the password "right". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

#define REALM "here"

static struct tunnel_users *users;
static struct tunnel_guard *guard;
static const char key[] = "sixteen and more";

/* Memory that always costs the same, which that of malloc does not. */
static union {
	long double align;
	char bytes[1 << 20];
} arena;
static size_t used_up;

static void *
get(void *ud, size_t size)
{
	char *p = arena.bytes + used_up;

	(void)ud;
	used_up += (size + 15) & ~(size_t)15;
	return used_up <= sizeof arena ? p : NULL;
}

static void
put_back(void *ud, void *block, size_t size)
{
	(void)ud;
	(void)block;
	(void)size;
}

static const struct tunnel_alloc steady = { get, put_back, NULL };

static int
no_random(void *ud, void *out, size_t n)
{
	(void)ud;
	memset(out, 7, n);
	return 0;
}

/* Text over what stands behind the mark, if there is that. */
static void
put(char *head, const char *behind, const char *text)
{
	char *p = strstr(head, behind);

	if (p != NULL)
		memcpy(p + strlen(behind), text, strlen(text));
}

/* Feed a request to a server of its own and have the guard decide; the reply
 * goes to c, which may be NULL, and which is to show its name as it is. */
static int
serve(const char *head, struct tunnel_client *c)
{
	struct tunnel_server *s = tunnel_server_new(&steady);
	char name[256], reply[4000], *p;
	size_t n, used;
	int rv;

	(void)tunnel_server_feed(s, head, strlen(head), &used);
	rv = tunnel_guard_check(guard, s, "me", 2, 1000, name, sizeof name);
	(void)(rv < 0 ? tunnel_server_fail(s, rv) : tunnel_server_accept(s));
	if (c != NULL) {
		(void)tunnel_server_drain(s, reply, sizeof reply - 1, &n);
		reply[n] = '\0';
		for (p = reply; (p = strstr(p, "userhash=true")) != NULL; )
			memcpy(p + strlen("userhash="), "none", 4);
		(void)tunnel_client_feed(c, reply, n, &used);
	}
	tunnel_server_free(s);
	return rv;
}

/* The request of a client that has been challenged. */
static void
ask(const char *user, const char *password, char *head, size_t cap)
{
	struct tunnel_client *c = tunnel_client_new(NULL);
	size_t n;
	int round;

	(void)tunnel_client_target(c, "a.example", 22);
	(void)tunnel_client_credentials(c, user, password);
	(void)tunnel_client_random(c, no_random, NULL);
	for (round = 0; round < 2; round++) {
		(void)tunnel_client_start(c);
		(void)tunnel_client_drain(c, head, cap - 1, &n);
		head[n] = '\0';
		if (round == 0)
			(void)serve(head, c);
	}
	tunnel_client_free(c);
}

/* Another name in a request; it is as long as the one that was there, and of
 * the same sort, also in Base64: to read a letter takes longer than a digit,
 * which tells its sender nothing new, but would be counted. */
static void
rename_to(char *head, const char *user)
{
	static const char *const coded[][2] = {
		{ "u07", "dTA3" }, { "u17", "dTE3" }, { "u47", "dTQ3" },
		{ "u57", "dTU3" },
	};
	size_t i;

	put(head, "username=\"", user);
	for (i = 0; i < 4; i++)
		if (strcmp(user, coded[i][0]) == 0)
			put(head, "Basic ", coded[i][1]);
}

static int
prepare(void)
{
	char name[4];
	int i;

	users = tunnel_users_new(NULL, REALM);
	for (i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "u%02d", i);
		if (tunnel_users_add(users, name, "right") < 0)
			return -1;
	}
	return 0;
}

int measured(const char *head, const char *user, const char *password);

/* By itself where there is no request. */
int
measured(const char *head, const char *user, const char *password)
{
	return head == NULL ? tunnel_users_check(users, user, password) :
	    serve(head, NULL);
}

/* Known and unknown, each twice; wrong from the first byte, and at the last. */
static const char *const wrong[][3] = {
	{ "u07", "xight", "00000000" }, { "u07", "righx", "11111111" },
	{ "u17", "xight", "00000000" }, { "u47", "xight", "00000000" },
	{ "u47", "righx", "11111111" }, { "u57", "right", "00000000" },
};

/* A guard as at the beginning, whose next challenge is always the same. */
static void
renew(int digest)
{
	tunnel_guard_free(guard);
	used_up = 0;
	guard = tunnel_guard_new(&steady, REALM);
	(void)tunnel_guard_users(guard, users);
	(void)(digest ? tunnel_guard_digest(guard, key, sizeof key, 100000, 4) :
	    tunnel_guard_basic(guard, 1));
}

/* 0 when all that was wrong was refused, and what is right was not. */
static int
kind(const char *name)
{
	/* A call that no compiler does without. */
	int (*volatile call)(const char *, const char *, const char *) =
	    measured;
	int bare = strcmp(name, "users") == 0, rv;
	int digest = strcmp(name, "digest") == 0;
	char head[4000];
	size_t i;

	renew(digest);
	ask("u07", "right", head, sizeof head);
	rv = bare ? tunnel_users_check(users, "u07", "right") :
	    serve(head, NULL);
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		renew(digest);
		ask("u07", "xight", head, sizeof head);
		rename_to(head, wrong[i][0]);
		put(head, "response=\"", wrong[i][2]);
		printf("%s %s %s\n", name, wrong[i][0], wrong[i][1]);
		if (call(bare ? NULL : head, wrong[i][0], wrong[i][1]) !=
		    TUNNEL_EAUTH)
			rv = -1;
	}
	return rv;
}

int
main(void)
{
	int rv = prepare();

	if (rv == 0)
		rv = kind("users");
	if (rv == 0)
		rv = kind("basic");
	if (rv == 0)
		rv = kind("digest");
	tunnel_guard_free(guard);
	tunnel_users_free(users);
	return rv == 0 ? 0 : 1;
}
