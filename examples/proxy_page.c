/* proxy_page.c - the status page for people
 *
 * One page that needs nothing else: no script, no font, no request to anybody.
 * Everything a peer may have chosen is escaped.
 */
#include "proxy_page.h"

#include <string.h>

enum { ROWS_MAX = 500, BARS = PAGE_SAMPLES - 1, HEIGHT = 48 };

static const char head[] =
"<!doctype html><html lang=en><meta charset=utf-8>"
"<meta http-equiv=refresh content=5>"
"<meta name=viewport content='width=device-width'>"
"<title>tunnel-proxy</title><style>"
":root{color-scheme:light dark;--line:#8884;--up:#2a78d6;--down:#1baf7a}"
"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;"
"padding:0 1rem}h1{font-size:1.3rem}h2{font-size:1rem;margin-top:2rem}"
"dl{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;margin:1rem 0}"
"dt{font-size:.8rem;opacity:.7}dd{margin:0;font-size:1.6rem;"
"font-variant-numeric:tabular-nums}"
"table{border-collapse:collapse;width:100%;font-size:.9rem}"
"th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid "
"var(--line);overflow-wrap:anywhere}th{font-weight:600}"
".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
"svg{width:100%;height:48px;display:block}.up{fill:var(--up)}"
".down{fill:var(--down)}.key{font-size:.8rem}.key b{color:var(--up)}"
".key i{color:var(--down);font-style:normal;font-weight:700}"
".none{opacity:.7}</style>";

void
page_sample(struct page_history *h, const struct tunnel_proxy *p)
{
	h->at = (h->at + 1) % PAGE_SAMPLES;
	h->up[h->at] = tunnel_proxy_count(p, TUNNEL_COUNT_UP);
	h->down[h->at] = tunnel_proxy_count(p, TUNNEL_COUNT_DOWN);
	if (h->n < PAGE_SAMPLES)
		h->n++;
}

/* What passed in the second that began i seconds before the last sample. */
static unsigned long long
passed(const unsigned long long *v, const struct page_history *h, int i)
{
	int to = (h->at - i + 2 * PAGE_SAMPLES) % PAGE_SAMPLES;
	int from = (to + PAGE_SAMPLES - 1) % PAGE_SAMPLES;

	return i + 1 < h->n ? v[to] - v[from] : 0;
}

static void
add_cell(struct text *t, const char *value)
{
	text_add(t, "<td>");
	text_html(t, *value != '\0' ? value : "-");
}

static void
add_size(struct text *t, unsigned long long n)
{
	text_add(t, "<td class=n>");
	text_size(t, n);
}

void
page_row(struct page *p, struct tunnel_session *s)
{
	struct text *t = &p->rows;
	unsigned long long age = tunnel_session_age(s) / 1000;

	if (p->shown == ROWS_MAX) {
		p->left_out++;
		return;
	}
	p->shown++;
	text_add(t, "<tr>");
	add_cell(t, tunnel_session_client(s));
	add_cell(t, tunnel_session_user(s));
	add_cell(t, tunnel_session_target(s));
	add_cell(t, tunnel_session_address(s));
	add_size(t, tunnel_session_bytes(s, TUNNEL_AB));
	add_size(t, tunnel_session_bytes(s, TUNNEL_BA));
	text_add(t, "<td class=n>%llu:%02llu:%02llu", age / 3600,
	    age / 60 % 60, age % 60);
}

void
page_error(struct page *p, const char *what, unsigned long long n)
{
	text_add(&p->errors, "<tr>");
	add_cell(&p->errors, what);
	text_add(&p->errors, "<td class=n>%llu", n);
}

void
page_free(struct page *p)
{
	text_free(&p->rows);
	text_free(&p->errors);
}

static void
add_count(struct text *t, const char *name, const struct tunnel_proxy *p,
    int count)
{
	text_add(t, "<div><dt>%s<dd>%llu</div>", name,
	    (unsigned long long)tunnel_proxy_count(p, count));
}

static void
add_rate(struct text *t, const char *name, const unsigned long long *v,
    const struct page_history *h)
{
	unsigned long long sum = 0;
	int i;

	for (i = 0; i < 5; i++)
		sum += passed(v, h, i);
	text_add(t, "<div><dt>%s<dd>", name);
	text_size(t, sum / 5);
	text_add(t, "/s</div>");
}

/* Bars of the last minute: up upwards, down downwards, on one scale. */
static void
add_chart(struct text *t, const struct page_history *h)
{
	unsigned long long max = 1, up, down;
	int i;

	for (i = 0; i < BARS; i++) {
		up = passed(h->up, h, i);
		down = passed(h->down, h, i);
		max = up > max ? up : max;
		max = down > max ? down : max;
	}
	text_add(t, "<svg viewBox='0 0 %d %d' preserveAspectRatio=none "
	    "role=img aria-label='bytes a second, last minute'>", BARS * 4,
	    HEIGHT);
	for (i = 0; i < BARS; i++) {
		up = passed(h->up, h, i) * (HEIGHT / 2 - 1) / max;
		down = passed(h->down, h, i) * (HEIGHT / 2 - 1) / max;
		if (up > 0)
			text_add(t, "<rect class=up x=%d y=%llu width=3 "
			    "height=%llu />", (BARS - 1 - i) * 4,
			    HEIGHT / 2 - up, up);
		if (down > 0)
			text_add(t, "<rect class=down x=%d y=%d width=3 "
			    "height=%llu />", (BARS - 1 - i) * 4,
			    HEIGHT / 2 + 1, down);
	}
	text_add(t, "</svg><p class=key><b>up</b>, to targets, and "
	    "<i>down</i>, to clients, a second; the last minute</p>");
}

static void
add_table(struct text *t, const struct text *rows, const char *columns,
    const char *none)
{
	if (rows->n > 0)
		text_add(t, "<table><tr>%s%s</table>", columns, rows->at);
	else
		text_add(t, "<p class=none>%s", none);
}

void
page_compose(struct page *p, const struct tunnel_proxy *proxy,
    const struct page_history *h, int draining, struct text *t)
{
	memset(t, 0, sizeof *t);
	text_add(t, "%s<h1>tunnel-proxy%s</h1><dl>", head,
	    draining ? ", draining" : "");
	add_count(t, "open tunnels", proxy, TUNNEL_COUNT_TUNNELS);
	add_count(t, "handshakes", proxy, TUNNEL_COUNT_HANDSHAKES);
	add_rate(t, "up", h->up, h);
	add_rate(t, "down", h->down, h);
	add_count(t, "opened so far", proxy, TUNNEL_COUNT_OPENED);
	add_count(t, "passed on so far", proxy, TUNNEL_COUNT_PASSED);
	add_count(t, "refused so far", proxy, TUNNEL_COUNT_REFUSED);
	text_add(t, "</dl>");
	add_chart(t, h);
	text_add(t, "<h2>Tunnels</h2>");
	add_table(t, &p->rows, "<th>client<th>user<th>target<th>address"
	    "<th class=n>up<th class=n>down<th class=n>age",
	    "No tunnel is open.");
	if (p->left_out > 0)
		text_add(t, "<p class=none>and %llu more", p->left_out);
	text_add(t, "<h2>Refusals and failures</h2>");
	add_table(t, &p->errors, "<th>reason<th class=n>sessions",
	    "There was none.");
}
