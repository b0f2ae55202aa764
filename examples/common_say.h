/* common_say.h - text for people, parts of which peers may have written */
#ifndef COMMON_SAY_H
#define COMMON_SAY_H

#include <stdarg.h>

/* One line on standard error: prefix, then what format gives, with '?' for
 * whatever could steer a terminal. */
void say_line(const char *prefix, const char *format, va_list ap);

#endif
