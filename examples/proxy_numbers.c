/* proxy_numbers.c - options that are a number, a size or a time */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common_opt.h"
#include "proxy_config.h"

/* "64k", "16M", "1G" or bytes; a plain number has no suffix. */
int
config_count(const char *text, int is_size, unsigned long long *value)
{
	static const char units[] = "kKmMgG";
	char *end;
	const char *unit;
	int shift;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno != 0 || *value >> 40 != 0)
		return 0;
	if (is_size && *end != '\0' && (unit = strchr(units, *end)) != NULL) {
		shift = 10 * (int)((unit - units) / 2 + 1);
		/* What is too much must not come out as 0, no limit. */
		if (*value > ULLONG_MAX >> shift)
			return 0;
		*value <<= shift;
		end++;
	}
	return *end == '\0';
}

int
config_seconds(unsigned long long *ms, const char *value)
{
	return opt_seconds(value, ms) ? 0 :
	    option_misuse("not a number of seconds: ", value);
}

static const struct number {
	int id, limit, is_size;
} numbers[] = {
	{ OPT_MAX_TUNNELS, TUNNEL_LIMIT_TUNNELS, 0 },
	{ OPT_MAX_PER_CLIENT, TUNNEL_LIMIT_CLIENT, 0 },
	{ OPT_MAX_HANDSHAKES, TUNNEL_LIMIT_HANDSHAKES, 0 },
	{ OPT_MAX_HEAD, TUNNEL_LIMIT_HEAD, 1 },
	{ OPT_BUFFER, TUNNEL_LIMIT_BUFFER, 1 },
	{ OPT_MEMORY, TUNNEL_LIMIT_MEMORY, 1 },
	{ OPT_RATE, TUNNEL_LIMIT_RATE, 0 },
};

static const struct span {
	int id, time;
} spans[] = {
	{ OPT_HANDSHAKE, TUNNEL_TIME_HANDSHAKE },
	{ OPT_DIAL, TUNNEL_TIME_DIAL },
	{ OPT_IDLE, TUNNEL_TIME_IDLE },
	{ OPT_LINGER, TUNNEL_TIME_LINGER },
	{ OPT_STALL, TUNNEL_TIME_STALL },
	{ OPT_LIFETIME, TUNNEL_TIME_LIFETIME },
	{ OPT_REPLY, TUNNEL_TIME_REPLY },
};

/* 1 when the option is a limit or a time; *rv is then set. */
int
config_number(struct config *c, int id, const char *value, int *rv)
{
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (numbers[i].id != id)
			continue;
		if (!config_count(value, numbers[i].is_size,
		    &c->limit[numbers[i].limit]))
			*rv = option_misuse("not a number: ", value);
		return 1;
	}
	for (i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		if (spans[i].id != id)
			continue;
		*rv = config_seconds(&c->time[spans[i].time], value);
		return 1;
	}
	return 0;
}
