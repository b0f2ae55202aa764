/* connect_say.c - what tunnel-connect tells a person
 *
 * One line each.  Parts of it come from peers, so control bytes, which could
 * steer a terminal, are shown as '?'.
 */
#include "connect_config.h"

#include <stdarg.h>
#include <stdio.h>

static void
print(const char *prefix, const char *format, va_list ap)
{
	char line[2048], *p;

	(void)vsnprintf(line, sizeof line, format, ap);
	for (p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	(void)fprintf(stderr, "%s%s\n", prefix, line);
}

void
config_say(const struct config *c, const char *format, ...)
{
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, format);
	print("tunnel-connect: ", format, ap);
	va_end(ap);
}

void
config_trace(const struct config *c, const char *format, ...)
{
	va_list ap;

	if (!c->verbose || c->quiet)
		return;
	va_start(ap, format);
	print("", format, ap);
	va_end(ap);
}
