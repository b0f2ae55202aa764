/* common_opt.h - command lines, the same way in both programs */
#ifndef COMMON_OPT_H
#define COMMON_OPT_H

struct opt {
	const char *name;       /* "proxy": --proxy */
	int id;                 /* what opt_next gives; a letter is -x, too */
	int takes;              /* 1: takes a value */
};

struct opt_line {
	int argc;
	char **argv;
	int at;                 /* the next word */
	int operands;           /* so many stand at the front of argv, from 1 */
	char *cluster;          /* rest of "-vq", or NULL */
	char *value;            /* of the option just given */
	char error[160];        /* why opt_next gave -1 */
};

/* Begin with the words behind argv[0]. */
void opt_begin(struct opt_line *l, int argc, char **argv);

/* The id of the next option, with l->value when it takes one; 0 at the end;
 * -1 for a mistake, told in l->error.  Options and operands may be mixed; "--"
 * ends the options.  table ends with a NULL name. */
int opt_next(struct opt_line *l, const struct opt *table);

/* A number of seconds with an optional fraction, as milliseconds, rounded up:
 * 1, or 0. */
int opt_seconds(const char *text, unsigned long long *ms);

#endif
