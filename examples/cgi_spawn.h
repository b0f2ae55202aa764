/* cgi_spawn.h - a program begins: pipes and a process group */
#ifndef CGI_SPAWN_H
#define CGI_SPAWN_H

#include <sys/types.h>

/* Its standard descriptors; of SPAWN_IN we have the end that writes. */
enum spawn_pipe { SPAWN_IN, SPAWN_OUT, SPAWN_ERR };

/* Three pipes; ours do not block.  0, or -1 with errno, and -1 in place of what
 * is not open. */
int spawn_pipes(int ours[3], int theirs[3]);
void spawn_close(int fd[3]);

/* Run a file in its directory, with these as its descriptors 0 to 2: its
 * process id, which is that of its group, or -1 with errno. */
pid_t spawn(const char *file, char **environment, const int theirs[3]);

#endif
