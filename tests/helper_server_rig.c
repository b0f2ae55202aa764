/* helper_server_rig.c - see server_rig.h */
#include "server_rig.h"

#include "unit.h"

struct tunnel_server *
server_asked(const char *head)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used;

	assert_int_equal(tunnel_server_feed(s, head, strlen(head), &used),
	    TUNNEL_ASK);
	assert_int_equal(used, strlen(head));
	return s;
}

const char *
server_reply_of(struct tunnel_server *s)
{
	static char text[4096];
	size_t n = 0, got;
	int f;

	do {
		/* Through a small hole, so that skip is seen to be right. */
		f = tunnel_server_drain(s, text + n, 7, &got);
		assert_true(f >= 0);
		n += got;
	} while (got > 0);
	text[n] = '\0';
	return text;
}

void
server_check_refusal(struct tunnel_server *s, int error)
{
	char want[64];
	const char *text, *body, *length;

	assert_int_equal(tunnel_server_flags(s),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_server_status(s), tunnel_error_status(error));
	text = server_reply_of(s);
	snprintf(want, sizeof want, "HTTP/1.1 %d ", tunnel_error_status(error));
	assert_memory_equal(text, want, strlen(want));
	body = strstr(text, "\r\n\r\n");
	length = strstr(text, "Content-Length: ");
	assert_non_null(body);
	assert_non_null(length);
	if (tunnel_server_method(s) == NULL ||
	    strcmp(tunnel_server_method(s), "HEAD") != 0)
		assert_int_equal(strtoul(length + 16, NULL, 10),
		    strlen(body + 4));
	else
		assert_string_equal(body, "\r\n\r\n");
	assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(text, tunnel_error_token(error)));
	assert_int_equal(strstr(text, "\r\nAllow: CONNECT\r\n") != NULL,
	    error == TUNNEL_EMETHOD);
	assert_null(strstr(text, "\r\nTransfer-Encoding:"));
	assert_int_equal(tunnel_server_flags(s),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_false(tunnel_server_reusable(s));
	assert_int_equal(tunnel_server_start(s), TUNNEL_ESTATE);
}
