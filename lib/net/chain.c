/* chain.c - members of a ring, which know their neighbours
 *
 * The head is no member.  What is in no ring has no neighbours.
 */
#include "net/chain.h"

#include <stddef.h>

void
tnl_chain_init(struct tnl_chain *head)
{
	head->next = head->prev = head;
}

void
tnl_chain_add(struct tnl_chain *head, struct tnl_chain *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

void
tnl_chain_take(struct tnl_chain *l)
{
	if (l->next == NULL)
		return;
	l->next->prev = l->prev;
	l->prev->next = l->next;
	l->next = l->prev = NULL;
}
