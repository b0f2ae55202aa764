/* sandbox_calls.h - which system calls are for what */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

/* Its number by architecture; -1: there is none. */
struct sandbox_call {
	int x86_64, aarch64;
};

extern const struct sandbox_call sandbox_allowed[], sandbox_tickets[],
    sandbox_deadly[];
extern const unsigned sandbox_allowed_n, sandbox_tickets_n, sandbox_deadly_n;

#endif
