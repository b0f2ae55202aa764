/* sandbox.h - a process that gives up what it will not need */
#ifndef SANDBOX_H
#define SANDBOX_H

/* What a path is for, with all below it when it is a directory. */
enum {
	SANDBOX_READ = 1,
	SANDBOX_WRITE = 2,      /* files that are there or are made */
	SANDBOX_REMOVE = 4      /* files in it */
};

/* No exec(2) gives more rights from here on.  NULL, or why not; as all of
 * these. */
const char *sandbox_begin(void);

/* Files: begin, allow what is there of these, and hold to it.  In this thread
 * and those that it starts. */
const char *sandbox_files_begin(void);
void sandbox_files_allow(const char *path, int how);
const char *sandbox_files_hold(void);

/* System calls, of all threads: those that a proxy needs, and, with tickets
 * set, those that Kerberos needs to keep its own. */
const char *sandbox_calls(int tickets);

#endif
