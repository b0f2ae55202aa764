/* gateway_option.c - command lines of gateways */
#include "gateway_option.h"

#include <stdio.h>
#include <string.h>

enum {
	OPTION_CONNECTIONS = 256, OPTION_HANDSHAKE, OPTION_IDLE, OPTION_DRAIN,
	OPTION_VERSION, OPTION_HELP,
	OPTIONS_MAX = 40,
	CONNECTIONS_MAX = 1000000
};

static const struct opt shared[] = {
	{ "listen", 'l', 1 }, { "max-connections", OPTION_CONNECTIONS, 1 },
	{ "handshake-timeout", OPTION_HANDSHAKE, 1 },
	{ "idle-timeout", OPTION_IDLE, 1 }, { "drain", OPTION_DRAIN, 1 },
	{ "verbose", 'v', 0 }, { "quiet", 'q', 0 },
	{ "version", OPTION_VERSION, 0 }, { "help", OPTION_HELP, 0 },
	{ NULL, 0, 0 }
};

/* Whose options they are. */
static const char *program;

int
gateway_misuse(const char *what, const char *word)
{
	serve_say("%s%s; see %s --help", what, word, program);
	return 2;
}

int
gateway_no_memory(void)
{
	serve_say("out of memory");
	return 1;
}

static int
no_value(const char *option, const char *value)
{
	serve_say("%s does not take %s; see %s --help", option, value,
	    program);
	return 2;
}

int
gateway_number(const char *option, const char *value, size_t max, size_t *n)
{
	const char *p = value;
	size_t v = 0;

	for (; *p >= '0' && *p <= '9' && v <= max; p++)
		v = v * 10 + (size_t)(*p - '0');
	if (*p != '\0' || v < 1 || v > max)
		return no_value(option, value);
	*n = v;
	return 0;
}

int
gateway_seconds(const char *option, const char *value, uint64_t *ms)
{
	unsigned long long v;

	if (!opt_seconds(value, &v))
		return no_value(option, value);
	*ms = v;
	return 0;
}

/* 0, -1 to exit, or an exit status. */
static int
take(struct gateway_option *o, int id, char *value)
{
	struct serve_settings *s = o->settings;
	unsigned v = tunnel_version();

	switch (id) {
	case 'l':
		s->listen = value;
		return 0;
	case 'v':
		s->verbose = 1;
		return 0;
	case 'q':
		s->quiet = 1;
		return 0;
	case OPTION_CONNECTIONS:
		return gateway_number("--max-connections", value,
		    CONNECTIONS_MAX, &s->connections);
	case OPTION_HANDSHAKE:
		return gateway_seconds("--handshake-timeout", value,
		    &s->head_ms);
	case OPTION_IDLE:
		return gateway_seconds("--idle-timeout", value, &s->idle_ms);
	case OPTION_DRAIN:
		return gateway_seconds("--drain", value, &s->drain_ms);
	case OPTION_VERSION:
		(void)printf("%s %u.%u.%u\n", s->name, v >> 16, v >> 8 & 255,
		    v & 255);
		return -1;
	case OPTION_HELP:
		(void)fputs(o->usage, stdout);
		return -1;
	default:
		return o->take(o->ud, id, value);
	}
}

int
gateway_options(struct gateway_option *o, int argc, char **argv)
{
	struct opt table[OPTIONS_MAX];
	struct opt_line l;
	size_t n = sizeof shared / sizeof shared[0] - 1, i;
	int id, rv = 0;

	program = o->settings->name;
	serve_voice(program, 0);
	memset(table, 0, sizeof table);
	memcpy(table, shared, n * sizeof table[0]);
	for (i = 0; o->own[i].name != NULL && n + 1 < OPTIONS_MAX; i++)
		table[n++] = o->own[i];
	opt_begin(&l, argc, argv);
	while (rv == 0 && (id = opt_next(&l, table)) != 0)
		rv = id < 0 ? gateway_misuse(l.error, "") :
		    take(o, id, l.value);
	o->operands = l.operands;
	return rv;
}
