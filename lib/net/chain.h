/* chain.h - members of a ring, which know their neighbours.  For worker and
 * session. */
#ifndef TNL_CHAIN_H
#define TNL_CHAIN_H

struct tnl_chain {
	struct tnl_chain *next, *prev;
};

/* What a member is part of. */
#define TNL_OF(type, member, at) \
	((type *)(void *)((char *)(at) - offsetof(type, member)))

/* A ring of nobody; one more at its end; out of it, if it is in one. */
void tnl_chain_init(struct tnl_chain *head);
void tnl_chain_add(struct tnl_chain *head, struct tnl_chain *l);
void tnl_chain_take(struct tnl_chain *l);

#endif
