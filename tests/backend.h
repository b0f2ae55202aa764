/* backend.h - tests on each interface for waiting that there is */
#ifndef BACKEND_H
#define BACKEND_H

/* What tunnel_loop_new is to be asked for. */
extern const char *backend;

/* Go on to the next, which is the best there is, and then poll; 0 when it has
 * been poll. */
int backend_next(void);

#endif
