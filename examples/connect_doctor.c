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

/* Times stand below each other unless a text is long. */
static void
show(const char *mark, const char *label, const char *text, uint64_t ms)
{
	(void)printf("%-5s %-8s %-*s %6llu ms\n", mark, label, TEXT_WIDTH,
	    text, (unsigned long long)ms);
	(void)fflush(stdout);
}

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
	if (!steps[step].timed) {
		(void)printf("%-5s %-8s %s\n", steps[step].mark, label, text);
		(void)fflush(stdout);
		return;
	}
	show(steps[step].mark, label, text, now - d->last);
	d->last = now;
}

void
doctor_hear(const struct config *c, const char *format, va_list ap)
{
	say_text(c->doctor->cause, sizeof c->doctor->cause, format, ap);
}

/* ---- before anything is tried ------------------------------------------ */

/* Whom the proxy may be told that we are, and who said so. */
static void
show_login(const struct config *c, const struct hop *h)
{
	static const char label[] = "login";

	if (config_gave(c, "proxy-authorization", 19))
		doctor_step(c, STEP_PLAN, label, "the Proxy-Authorization that "
		    "-H gave");
	if (c->negotiate)
		doctor_step(c, STEP_PLAN, label, "a Kerberos ticket for HTTP "
		    "at %s, if it takes one", h->host);
	if (h->user != NULL)
		doctor_step(c, STEP_PLAN, label, "user '%s', the password is "
		    "from %s", h->user, h->source);
	else if (!c->negotiate && !config_gave(c, "proxy-authorization", 19))
		doctor_step(c, STEP_PLAN, label, "none was given, or found");
}

void
doctor_begin(struct config *c, struct doctor *d)
{
	const struct hop *h;
	int i;

	memset(d, 0, sizeof *d);
	d->began = d->last = net_now();
	c->doctor = d;
	doctor_step(c, STEP_PLAN, "target", "%s port %u", c->host, c->port);
	if (c->hops_n == 0)
		doctor_step(c, STEP_PLAN, "proxy", "no proxy is used: %s",
		    c->why);
	for (i = 0; i < c->hops_n; i++) {
		h = &c->hops[i];
		doctor_step(c, STEP_PLAN, "proxy", "%s%s, %s", h->tls ?
		    "https://" : "", h->name, c->why);
		show_login(c, h);
	}
	environment_remark(c);
}

/* ---- afterwards -------------------------------------------------------- */

void
doctor_verdict(const struct config *c, int status)
{
	struct doctor *d = c->doctor;
	char text[SAY_MAX + 80];

	if (d == NULL || c->quiet)
		return;
	if (*d->cause == '\0')
		(void)snprintf(text, sizeof text, "%s port %u can be reached%s",
		    c->host, c->port, *c->via != '\0' ? c->via :
		    " without a proxy");
	else
		(void)snprintf(text, sizeof text, "%s (exit status %d)",
		    d->cause, status);
	show(status != 0 ? "FAIL" : *d->cause != '\0' ? "note" : "ok",
	    "verdict", text, net_now() - d->began);
}
