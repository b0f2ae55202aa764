/* connect_doctor.c - the way to the target, step by step, for a person
 *
 *      ok    TCP      connected to 192.0.2.7:3128                    12 ms
 *      mark  label    what happened                 since the step before
 *
 * The steps are those that are taken anyway; whoever takes one tells of it
 * here.  What would have gone to standard error when one failed is the verdict,
 * so that there is one text for both.
 */
#include "connect_doctor.h"

#include <stdio.h>
#include <string.h>

#include "common_net.h"
#include "connect_environment.h"

enum { TEXT_WIDTH = 55 };

static const struct {
	const char *mark;
	int timed;
} steps[] = {
	{ "ok", 0 }, { "note", 0 }, { "ok", 1 }, { "note", 1 }, { "FAIL", 1 }
};

void
doctor_step(const struct config *c, enum step step, const char *label,
    const char *format, ...)
{
	char text[SAY_MAX];
	struct doctor *d = c->doctor;
	uint64_t now = net_now();
	va_list ap;

	if (d == NULL || c->quiet || (step == STEP_FAIL && d->failed++))
		return;
	va_start(ap, format);
	say_text(text, sizeof text, format, ap);
	va_end(ap);
	(void)printf("%-5s %-8s ", steps[step].mark, label);
	/* Times stand below each other unless a text is long. */
	if (steps[step].timed) {
		(void)printf("%-*s %6llu ms\n", TEXT_WIDTH, text,
		    (unsigned long long)(now - d->last));
		d->last = now;
	} else {
		(void)printf("%s\n", text);
	}
	(void)fflush(stdout);
}

void
doctor_hear(const struct config *c, const char *format, va_list ap)
{
	say_text(c->doctor->cause, sizeof c->doctor->cause, format, ap);
}

/* ---- before anything is tried ------------------------------------------ */

static void
show_proxies(const struct config *c)
{
	const struct hop *h;
	int i;

	if (c->hops_n == 0)
		doctor_step(c, STEP_PLAN, "proxy", "no proxy is used: %s",
		    c->why);
	for (i = 0; i < c->hops_n; i++) {
		h = &c->hops[i];
		doctor_step(c, STEP_PLAN, "proxy", "%s%s, %s", h->tls ?
		    "https://" : "", h->name, c->why);
	}
}

/* Whom the proxy may be told that we are, and who said so. */
static void
show_login(const struct config *c, const struct hop *h)
{
	int field = config_gave(c, "proxy-authorization", 19);
	const char *to = c->hops_n > 1 ? h->where : "";
	const char *gap = c->hops_n > 1 ? ": " : "";

	if (field)
		doctor_step(c, STEP_PLAN, "login", "%s%sthe "
		    "Proxy-Authorization that -H gave", to, gap);
	if (c->negotiate)
		doctor_step(c, STEP_PLAN, "login", "%s%sa Kerberos ticket for "
		    "HTTP at %s", to, gap, h->host);
	if (h->user != NULL)
		doctor_step(c, STEP_PLAN, "login", "%s%suser '%s', the "
		    "password is from %s", to, gap, h->user, h->source);
	else if (!field && !c->negotiate)
		doctor_step(c, STEP_PLAN, "login", "%s%sno user was given, or "
		    "found", to, gap);
}

void
doctor_begin(struct config *c)
{
	static struct doctor only;
	struct doctor *d = &only;
	int i;

	d->began = d->last = net_now();
	c->doctor = d;
	doctor_step(c, STEP_PLAN, "target", "%s port %u", c->host, c->port);
	show_proxies(c);
	environment_remark(c);
	for (i = 0; i < c->hops_n; i++)
		show_login(c, &c->hops[i]);
}

/* ---- afterwards -------------------------------------------------------- */

void
doctor_verdict(const struct config *c, int status)
{
	struct doctor *d = c->doctor;

	if (d == NULL || c->quiet)
		return;
	(void)printf("%-5s %-8s ", status != 0 ? "FAIL" : *d->cause != '\0' ?
	    "note" : "ok", "verdict");
	if (*d->cause != '\0')
		(void)printf("%s", d->cause);
	else
		(void)printf("%s port %u can be reached%s", c->host, c->port,
		    *c->via != '\0' ? c->via : " without a proxy");
	(void)printf(" (exit status %d, %llu ms in all)\n", status,
	    (unsigned long long)(net_now() - d->began));
	(void)fflush(stdout);
}
