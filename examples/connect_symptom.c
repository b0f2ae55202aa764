/* connect_symptom.c - what a proxy does, as the doctor shows it
 *
 * The facts alone; what they mean and what to do is the verdict's affair.
 */
#include "connect_symptom.h"

#include <stdio.h>

#include "connect_doctor.h"
#include "connect_page.h"

/* "407 Who are you; it offers: Digest, Basic" */
static void
describe(const struct tunnel_client *cl, char *out, size_t cap)
{
	const char *reason = tunnel_client_reason(cl);
	char list[120];

	page_schemes(cl, list, sizeof list);
	(void)snprintf(out, cap, "%d%s%.100s%s%s", tunnel_client_status(cl),
	    *reason != '\0' ? " " : "", reason, *list != '\0' ?
	    "; it offers: " : "", list);
}

/* "digest as 'user'", or "" when nobody has logged in. */
static void
describe_login(const struct hop *h, const struct tunnel_client *cl, char *out,
    size_t cap)
{
	const char *scheme = tunnel_client_scheme(cl);

	*out = '\0';
	if (*scheme != '\0' && h->user != NULL)
		(void)snprintf(out, cap, "%s as '%s'", scheme, h->user);
	else if (*scheme != '\0')
		(void)snprintf(out, cap, "%s", scheme);
}

void
symptom_asked(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int flags)
{
	char reply[300], login[300];

	if (c->doctor == NULL)
		return;
	describe(cl, reply, sizeof reply);
	describe_login(h, cl, login, sizeof login);
	doctor_step(c, STEP_NOTE, "login", "%s replied %s", h->name, reply);
	doctor_step(c, STEP_PLAN, "login", "answering with %s%s", login, flags &
	    TUNNEL_RECONNECT ? ", over a new connection, as it closes this one"
	    : "");
}

void
symptom_opened(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	char reply[300], login[300];

	if (c->doctor == NULL)
		return;
	describe(cl, reply, sizeof reply);
	describe_login(h, cl, login, sizeof login);
	doctor_step(c, STEP_OK, "tunnel", "%s replied %s", h->name, reply);
	if (*login != '\0')
		doctor_step(c, STEP_PLAN, "login", "accepted: %s", login);
}

/* There is a reply, and it is no. */
static void
show_refusal(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl)
{
	char reply[300], login[300];
	int unwelcome = tunnel_client_status(cl) == 407 ||
	    tunnel_client_fault(cl) == TUNNEL_EAUTH;

	describe(cl, reply, sizeof reply);
	describe_login(h, cl, login, sizeof login);
	doctor_step(c, STEP_FAIL, unwelcome ? "login" : "tunnel",
	    "%s replied %s%s%s", h->name, reply, *login == '\0' ? "" :
	    *h->service.why != '\0' ? "; there was no answer with " :
	    "; the login was ", login);
}

void
symptom_failed(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl, int error, const char *sent, size_t n)
{
	char words[80] = "";

	if (c->doctor == NULL)
		return;
	if (error == 0) {
		show_refusal(c, h, cl);
		return;
	}
	if (error == TUNNEL_EAUTH && *h->service.why != '\0') {
		doctor_step(c, STEP_FAIL, "login", "%s was not asked: there "
		    "was nothing to log in with", h->name);
		return;
	}
	if (error == TUNNEL_ENOTHTTP)
		page_words(sent, n, words, sizeof words);
	doctor_step(c, STEP_FAIL, error == TUNNEL_EAUTH ? "login" : "reply",
	    "%s: %s%s", h->name, tunnel_strerror(error), words);
}
