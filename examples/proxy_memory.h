/* proxy_memory.h - memory of tunnels that have gone returns to the system */
#ifndef PROXY_MEMORY_H
#define PROXY_MEMORY_H

/* From any thread: a session has ended, and so many tunnels are open. */
void memory_ended(unsigned long long open);

#endif
