/* connect_say.c - what tunnel-connect tells a person, a line at a time */
#include "connect_config.h"

#include "common_say.h"
#include "connect_doctor.h"

void
config_say(const struct config *c, const char *format, ...)
{
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, format);
	if (c->doctor != NULL)
		doctor_hear(c, format, ap);
	else
		say_line("tunnel-connect: ", format, ap);
	va_end(ap);
}

void
config_trace(const struct config *c, const char *format, ...)
{
	va_list ap;

	if (!c->verbose || c->quiet)
		return;
	va_start(ap, format);
	say_line("", format, ap);
	va_end(ap);
}
