/* proxy_say.c - what tunnel-proxy tells on standard error */
#include "proxy_say.h"

#include <stdarg.h>

#include "common_say.h"

static int quiet;

void
say(const char *format, ...)
{
	va_list ap;

	if (quiet)
		return;
	va_start(ap, format);
	say_line("tunnel-proxy: ", format, ap);
	va_end(ap);
}

void
say_nothing(void)
{
	quiet = 1;
}
