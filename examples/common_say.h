/* common_say.h - text for people, parts of which peers may have written */
#ifndef COMMON_SAY_H
#define COMMON_SAY_H

#include <stdarg.h>
#include <stddef.h>

enum { SAY_MAX = 2048 };

/* One line on standard error: prefix, then what format gives, with '?' for
 * whatever could steer a terminal. */
void say_line(const char *prefix, const char *format, va_list ap);

/* The text alone, as harmless, as far as it fits. */
void say_text(char *out, size_t cap, const char *format, va_list ap);

#endif
