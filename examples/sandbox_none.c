/* sandbox_none.c - where the system has no sandbox that we know */
#include "sandbox.h"

static const char none[] = "this system has none that is known here";

const char *
sandbox_begin(void)
{
	return none;
}

const char *
sandbox_files_begin(void)
{
	return none;
}

void
sandbox_files_allow(const char *path, int how)
{
	(void)path;
	(void)how;
}

const char *
sandbox_files_hold(void)
{
	return none;
}

const char *
sandbox_calls(int tickets)
{
	(void)tickets;
	return none;
}
