/* common_opt.c - command lines, the same way in both programs
 *
 * getopt_long(3) is in no standard, and getopt(3) knows no long options and
 * stops at the first operand.  Words: -v, -vq, -xVALUE, -x VALUE, --name,
 * --name=VALUE, --name VALUE, --.
 */
#include "common_opt.h"

#include <stdio.h>
#include <string.h>

void
opt_begin(struct opt_line *l, int argc, char **argv)
{
	memset(l, 0, sizeof *l);
	l->argc = argc;
	l->argv = argv;
	l->at = 1;
}

static int
mistake(struct opt_line *l, const char *what, const char *name, size_t n)
{
	(void)snprintf(l->error, sizeof l->error, "%s '%.*s'", what,
	    (int)(n < 60 ? n : 60), name);
	return -1;
}

/* The next word as a value. */
static int
take_value(struct opt_line *l, const char *name)
{
	if (l->at >= l->argc)
		return mistake(l, "a value is missing behind", name,
		    strlen(name));
	l->value = l->argv[l->at++];
	return 0;
}

static int
long_option(struct opt_line *l, const struct opt *table, char *word)
{
	char *name = word + 2, *eq = strchr(name, '=');
	size_t n = eq != NULL ? (size_t)(eq - name) : strlen(name);

	for (; table->name != NULL; table++)
		if (strlen(table->name) == n &&
		    strncmp(table->name, name, n) == 0)
			break;
	if (table->name == NULL)
		return mistake(l, "unknown option", word, n + 2);
	if (!table->takes && eq != NULL)
		return mistake(l, "no value is taken by", word, n + 2);
	if (eq != NULL)
		l->value = eq + 1;
	else if (table->takes && take_value(l, word) < 0)
		return -1;
	return table->id;
}

static int
short_option(struct opt_line *l, const struct opt *table)
{
	char word[3] = "-";

	word[1] = *l->cluster++;
	for (; table->name != NULL; table++)
		if (table->id == (unsigned char)word[1])
			break;
	if (table->name == NULL)
		return mistake(l, "unknown option", word, 2);
	if (table->takes && *l->cluster != '\0') {
		l->value = l->cluster;
		l->cluster = NULL;
	} else if (table->takes && take_value(l, word) < 0) {
		return -1;
	}
	if (l->cluster != NULL && *l->cluster == '\0')
		l->cluster = NULL;
	return table->id;
}

static void
keep_operand(struct opt_line *l, char *word)
{
	l->argv[++l->operands] = word;
}

int
opt_next(struct opt_line *l, const struct opt *table)
{
	char *word;

	l->value = NULL;
	if (l->cluster != NULL)
		return short_option(l, table);
	while (l->at < l->argc) {
		word = l->argv[l->at++];
		if (strcmp(word, "--") == 0) {
			while (l->at < l->argc)
				keep_operand(l, l->argv[l->at++]);
			break;
		}
		if (strncmp(word, "--", 2) == 0)
			return long_option(l, table, word);
		if (word[0] == '-' && word[1] != '\0') {
			l->cluster = word + 1;
			return short_option(l, table);
		}
		keep_operand(l, word);
	}
	return 0;
}

int
opt_seconds(const char *text, unsigned long long *ms)
{
	unsigned long long v = 0, unit = 1000;
	int digits = 0, rest = 0;

	for (; *text >= '0' && *text <= '9'; text++, digits++) {
		if (v > 1000000000ULL)
			return 0;
		v = v * 10 + (unsigned)(*text - '0');
	}
	v *= 1000;
	if (digits > 0 && *text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++) {
			unit /= 10;
			v += unit * (unsigned)(*text - '0');
			rest |= unit == 0 && *text != '0';
		}
	/* The least time is not none, which would be for ever. */
	*ms = v + (unsigned)rest;
	return digits > 0 && *text == '\0';
}
