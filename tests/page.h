/* page.h - memory with an end that is noticed */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>
#include <stdint.h>

size_t page_size(void);

/* n bytes, whole pages, before a page that cannot be read. */
uint8_t *page_before_none(size_t n);
void page_give_back(uint8_t *p, size_t n);

#endif
