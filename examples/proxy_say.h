/* proxy_say.h - what tunnel-proxy tells on standard error */
#ifndef PROXY_SAY_H
#define PROXY_SAY_H

/* One line behind the program's name, unless quiet. */
void say(const char *format, ...);
void say_nothing(void);

#endif
