/* report.c - rows of figures: a table for people, JSON for machines
 *
 * A ratio is taken round by round, and the median is that of the ratios: two
 * medians of different rounds are not divided.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { ROWS = 200, BASES = 3 };

struct row {
	const char *part, *unit;
	char name[48];
	double value[BENCH_ROUNDS];
	unsigned char has[BENCH_ROUNDS];
	int base[BASES];
	int bases;
};

struct spread {
	double median, least, most;
};

static struct row rows[ROWS];
static int rows_n;

int
row(const char *part, const char *unit, const char *name, ...)
{
	char text[sizeof rows[0].name];
	va_list ap;
	int i;

	va_start(ap, name);
	(void)vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	for (i = 0; i < rows_n; i++)
		if (strcmp(rows[i].part, part) == 0 &&
		    strcmp(rows[i].unit, unit) == 0 &&
		    strcmp(rows[i].name, text) == 0)
			return i;
	need(rows_n < ROWS, "too many rows");
	rows[i].part = part;
	rows[i].unit = unit;
	memcpy(rows[i].name, text, sizeof text);
	return rows_n++;
}

void
sample(int r, double value)
{
	rows[r].value[bench.round] = value;
	rows[r].has[bench.round] = 1;
}

void
against(int r, int base)
{
	int i;

	for (i = 0; i < rows[r].bases; i++)
		if (rows[r].base[i] == base)
			return;
	need(i < BASES, "too many bases");
	rows[r].base[rows[r].bases++] = base;
}

/* ---- spreads -------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Of a row, or of its ratio to another. */
static struct spread
spread(const struct row *r, const struct row *base)
{
	struct spread s = { 0, 0, 0 };
	double v[BENCH_ROUNDS];
	size_t n = 0;
	int i;

	for (i = 0; i < BENCH_ROUNDS; i++) {
		if (!r->has[i] || (base != NULL && (!base->has[i] ||
		    base->value[i] <= 0)))
			continue;
		v[n++] = base != NULL ? r->value[i] / base->value[i] :
		    r->value[i];
	}
	if (n == 0)
		return s;
	qsort(v, n, sizeof v[0], compare);
	s.median = (v[(n - 1) / 2] + v[n / 2]) / 2;
	s.least = v[0];
	s.most = v[n - 1];
	return s;
}

/* Three digits that count, and no power of ten. */
static const char *
digits(char *out, size_t cap, double v)
{
	int after = v < 0.1 ? 4 : v < 1 ? 3 : v < 10 ? 2 : v < 100 ? 1 : 0;

	if (v <= 0)
		after = 0;
	(void)snprintf(out, cap, "%.*f", after, v);
	return out;
}

static void
put_spread(struct spread s, int width)
{
	char m[32], l[32], h[32], all[100];

	(void)snprintf(all, sizeof all, "[%s - %s]",
	    digits(l, sizeof l, s.least), digits(h, sizeof h, s.most));
	(void)printf("%*s %-*s", 8, digits(m, sizeof m, s.median), width, all);
}

void
report_table(void)
{
	const char *part = "";
	int i, k;

	for (i = 0; i < rows_n; i++) {
		const struct row *r = &rows[i];

		if (strcmp(part, r->part) != 0)
			(void)printf("\n%s\n", r->part);
		part = r->part;
		(void)printf("  %-34s", r->name);
		put_spread(spread(r, NULL), 19);
		(void)printf(" %s\n", r->unit);
		for (k = 0; k < r->bases; k++) {
			(void)printf("  %34s", "");
			put_spread(spread(r, &rows[r->base[k]]), 19);
			(void)printf(" x %s\n", rows[r->base[k]].name);
		}
	}
}

/* ---- JSON ----------------------------------------------------------- */

static void
json_spread(FILE *f, struct spread s)
{
	(void)fprintf(f, "\"median\": %.6g, \"least\": %.6g, \"most\": %.6g",
	    s.median, s.least, s.most);
}

/* No name of ours needs escaping. */
static void
json_row(FILE *f, const struct row *r)
{
	int k;

	(void)fprintf(f, "{\"part\": \"%s\", \"name\": \"%s\", "
	    "\"unit\": \"%s\", ", r->part, r->name, r->unit);
	json_spread(f, spread(r, NULL));
	(void)fprintf(f, ", \"ratios\": [");
	for (k = 0; k < r->bases; k++) {
		(void)fprintf(f, "%s{\"to\": \"%s\", ", k > 0 ? ", " : "",
		    rows[r->base[k]].name);
		json_spread(f, spread(r, &rows[r->base[k]]));
		(void)fprintf(f, "}");
	}
	(void)fprintf(f, "]}");
}

void
report_json(const char *file, int rounds)
{
	FILE *f = fopen(file, "w");
	int i;

	if (f == NULL)
		die(file);
	(void)fprintf(f, "{\"rounds\": %d, \"cores\": %d, \"rows\": [\n",
	    rounds, bench.cores);
	for (i = 0; i < rows_n; i++) {
		json_row(f, &rows[i]);
		(void)fprintf(f, "%s\n", i + 1 < rows_n ? "," : "");
	}
	(void)fprintf(f, "]}\n");
	if (fclose(f) != 0)
		die(file);
}
