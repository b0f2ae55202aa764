/* tunnel-proxy.c - an HTTP proxy that carries tunnels
 *
 *      configuration --> proxy of the library, on one loop a thread
 *                          |       |         |
 *                        users   access    status page
 *                                 log
 *
 * Written on the public headers alone; what is here is what an operator needs
 * around tunnel_proxy(3).
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_net.h"
#include "proxy_config.h"
#include "proxy_extension.h"
#include "proxy_guard.h"
#include "proxy_log.h"
#include "proxy_memory.h"
#include "proxy_places.h"
#include "proxy_sandbox.h"
#include "proxy_say.h"
#include "proxy_status.h"
#include "proxy_system.h"
#include "proxy_upstream.h"

struct service {
	struct config c;
	struct tunnel_loop *loop;       /* of the first thread */
	struct tunnel_proxy *proxy;
	struct tunnel_users *users;     /* NULL: anybody */
	struct tunnel_guard *guard;     /* who asks for them; NULL: nobody */
	pthread_mutex_t lock;           /* of both */
	int logs;                       /* the log was opened anew */
};

enum { USER_MAX = 256 };

/* ---- hooks; called in every thread ---------------------------------- */

/* A check uses up a nonce, so one at a time. */
static int
on_authenticate(void *ud, struct tunnel_session *session)
{
	struct service *s = ud;
	char user[USER_MAX];
	int rv = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (s->users != NULL) {
		rv = guard_ask(s->guard, s->users, session, user, sizeof user);
		if (rv == 0)
			rv = tunnel_session_name(session, user);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return rv;
}

static void
tell(const struct tunnel_session *s)
{
	const char *report = tunnel_session_report(s);
	size_t n;

	say("%s %s %d %llu %llu %s", tunnel_session_client(s),
	    *tunnel_session_target(s) != '\0' ? tunnel_session_target(s) : "-",
	    tunnel_session_status(s),
	    (unsigned long long)tunnel_session_bytes(s, TUNNEL_AB),
	    (unsigned long long)tunnel_session_bytes(s, TUNNEL_BA),
	    log_outcome(s));
	for (; *report != '\0'; report += n + (report[n] != '\0')) {
		n = strcspn(report, "\n");
		say("    %.*s", (int)n, report);
	}
}

static int
on_close(void *ud, struct tunnel_session *session)
{
	const struct service *s = ud;

	upstream_closed(session);
	memory_ended(tunnel_proxy_count(s->proxy, TUNNEL_COUNT_TUNNELS));
	/* Who connected and said nothing is worth no line. */
	if (tunnel_session_status(session) == 0 &&
	    !tunnel_session_open(session) &&
	    *tunnel_session_target(session) == '\0')
		return 0;
	status_session(session);
	log_session(session);
	if (s->c.verbose)
		tell(session);
	return 0;
}

/* ---- setting up ----------------------------------------------------- */

static int
set_numbers(struct tunnel_proxy *p, const struct config *c)
{
	int i, rv = 0;

	for (i = 0; i < LIMITS && rv == 0; i++)
		rv = tunnel_proxy_limit(p, i, c->limit[i]);
	if (rv < 0) {
		say("--max-head takes 256 bytes to 1g, --buffer 32k to 1g");
		return 2;
	}
	for (i = 0; i < TIMES; i++)
		(void)tunnel_proxy_time(p, i, c->time[i]);
	return 0;
}

static int
set_places(struct tunnel_proxy *p, struct config *c)
{
	int rv = places_set(p, c);

	if (rv == 0)
		rv = upstream_set(p, c);
	config_blot(c);
	if (rv == 0 && upstream_logs_in())
		rv = places_guarded(c, c);
	if (rv == 0 && c->bind != NULL && tunnel_proxy_bind(p, c->bind) < 0)
		rv = option_misuse("--bind takes an address, not ", c->bind);
	return rv;
}

/* Users and rules become the service's, and the configuration's no more: 0, or
 * -1 and it has those that it had. */
static int
adopt_users(struct service *s, struct config *c)
{
	struct tunnel_users *old = s->users;
	struct tunnel_guard *was = s->guard, *guard = NULL;

	if (c->users != NULL) {
		guard = guard_make(c->users);
		if (guard == NULL)
			return -1;
	}
	(void)pthread_mutex_lock(&s->lock);
	s->users = c->users;
	s->guard = guard;
	c->users = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	tunnel_guard_free(was);
	tunnel_users_free(old);
	return 0;
}

static int
adopt_policy(struct service *s, struct config *c)
{
	int rv = tunnel_proxy_policy(s->proxy, c->policy);

	if (rv == 0)
		c->policy = NULL;
	return rv;
}

static int
set_up(struct service *s)
{
	struct tunnel_proxy *p = s->proxy;
	struct config *c = &s->c;
	int rv = extension_load(c->extension);

	if (rv == 0)
		rv = set_numbers(p, c);
	if (rv == 0)
		rv = set_places(p, c);
	if (rv != 0)
		return rv;
	(void)tunnel_proxy_threads(p, c->threads);
	(void)tunnel_proxy_family(p, c->family);
	(void)tunnel_proxy_http(p, c->forward);
	(void)tunnel_proxy_preface(p, c->accept_preface, c->send_preface);
	extension_hook(p, TUNNEL_ON_AUTHENTICATE, on_authenticate, s);
	extension_hook(p, TUNNEL_ON_CLOSE, on_close, s);
	extension_rest(p);
	if (adopt_users(s, c) < 0) {
		say("there is no memory, or /dev/urandom cannot be read: "
		    "nobody could log in");
		return 1;
	}
	return adopt_policy(s, c) < 0 ? option_no_memory() : 0;
}

/* ---- signals -------------------------------------------------------- */

/* Has the thread of this session the rules?  It has, once it is asked. */
static void
pass_by(void *ud, struct tunnel_session *session)
{
	(void)ud;
	(void)session;
}

/* A survey goes round behind the rules: all threads have them. */
static void
reloaded(void *ud)
{
	const struct service *s = ud;

	say("%s were read anew", s->logs ? "rules, users and logs" :
	    "rules and users, but not the log,");
	system_notify("READY=1");
}

/* Whoever is let in now must not be let in as who we are upstream. */
static int
renew_upstream(const struct service *s, const struct config *fresh)
{
	if ((upstream_logs_in() || fresh->credentials != NULL) &&
	    places_guarded(&s->c, fresh) != 0)
		return 2;
	return s->c.upstream_n > 0 ? upstream_again(fresh) : 0;
}

/* Rules, users and logs; what cannot be read leaves all as it was, and a log
 * that cannot be opened leaves the log. */
static void
reload(struct service *s)
{
	struct config fresh;

	system_notify("RELOADING=1");
	if (config_again(&fresh) != 0 || renew_upstream(s, &fresh) != 0) {
		say("nothing was changed");
		system_notify("READY=1");
	} else {
		s->logs = log_open(fresh.access_log, fresh.json,
		    fresh.forward) == 0;
		if (adopt_users(s, &fresh) < 0)
			say("no memory, or no random bytes; the users were not "
			    "changed");
		if (adopt_policy(s, &fresh) < 0) {
			say("out of memory; the rules were not changed");
			system_notify("READY=1");
		} else if (tunnel_proxy_survey(s->proxy, pass_by, reloaded,
		    s) < 0) {
			reloaded(s);
		}
	}
	config_free(&fresh);
}

static void
wind_up(struct service *s, int ends)
{
	unsigned long long open = tunnel_proxy_count(s->proxy,
	    TUNNEL_COUNT_TUNNELS);

	status_draining();
	if (ends > 1) {
		(void)tunnel_proxy_stop(s->proxy);
		return;
	}
	system_notify("STOPPING=1");
	if (open > 0)
		say("draining: %llu tunnels; a second signal ends them", open);
	(void)tunnel_proxy_drain(s->proxy, s->c.drain_ms);
}

static void
on_wake(void *ud)
{
	struct service *s = ud;
	int ends, heard = system_heard(&ends);

	if (heard & HEARD_RELOAD)
		reload(s);
	if (heard & HEARD_TABLE)
		status_table();
	if (heard & HEARD_END)
		wind_up(s, ends);
}

/* ---- running -------------------------------------------------------- */

static int
serve(struct service *s)
{
	const struct config *c = &s->c;
	int rv;

	system_listen(s->loop);
	(void)tunnel_loop_on_wake(s->loop, on_wake, s);
	rv = tunnel_proxy_open(s->proxy);
	/* Nobody is served before all is in place and privileges are gone. */
	if (rv == 0 && (log_open(c->access_log, c->json, c->forward) < 0 ||
	    status_start(s->proxy, s->loop, c->status) < 0 ||
	    system_drop(c->chroot, c->become) < 0))
		return 1;
	if (rv == 0) {
		if (geteuid() == 0 && (c->verbose || !places_are_inner(c)))
			say("it runs as root; --user-switch USER ends that");
		sandbox_enter(c, upstream_takes_tickets());
		rv = tunnel_proxy_start(s->proxy);
	}
	if (rv < 0) {
		say("%s", tunnel_proxy_reason(s->proxy));
		return 1;
	}
	net_announce(s->proxy, c->socks_n);
	status_announce();
	system_notify("READY=1");
	rv = tunnel_proxy_run(s->proxy);
	if (rv < 0)
		say("%s: %s", tunnel_strerror(rv), strerror(errno));
	return rv < 0;
}

/* What only a start would find out, as far as it can be known without one. */
static int
rehearse(const struct service *s)
{
	const struct config *c = &s->c;

	if (status_check(c->status) < 0)
		return 2;
	if (log_check(c->access_log) < 0 ||
	    system_check(c->chroot, c->become) < 0)
		return 1;
	config_tell(c, s->users);
	return 0;
}

static int
run(struct service *s)
{
	int rv = 1;

	system_raise_limits();
	s->loop = tunnel_loop_new(NULL, NULL);
	s->proxy = s->loop != NULL ? tunnel_proxy_new(NULL, s->loop) : NULL;
	if (s->proxy == NULL)
		(void)option_no_memory();
	else
		rv = set_up(s);
	if (rv == 0 && s->c.check)
		rv = rehearse(s);
	else if (rv == 0)
		rv = serve(s);
	status_stop();
	tunnel_proxy_free(s->proxy);
	tunnel_loop_free(s->loop);
	upstream_end();
	extension_unload();
	log_close();
	tunnel_guard_free(s->guard);
	tunnel_users_free(s->users);
	return rv;
}

int
main(int argc, char **argv)
{
	static struct service s;
	int rv;

	(void)net_guard_stdio();
	(void)pthread_mutex_init(&s.lock, NULL);
	rv = config_read(&s.c, argc, argv);
	if (rv == 0)
		rv = run(&s);
	config_free(&s.c);
	config_forget();
	return rv < 0 ? 0 : rv;
}
