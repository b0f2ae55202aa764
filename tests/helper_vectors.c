/* helper_vectors.c - see vectors.h */
#include "vectors.h"

#include "unit.h"

static int
hex(int c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static size_t
unescape(const char *p, uint8_t *out)
{
	uint8_t *start = out;

	for (; *p != '\0' && *p != '\n'; p++) {
		if (*p != '\\') {
			*out++ = (uint8_t)*p;
			continue;
		}
		switch (*++p) {
		case 'r': *out++ = '\r'; break;
		case 'n': *out++ = '\n'; break;
		case 't': *out++ = '\t'; break;
		case 's': *out++ = ' '; break;
		case '0': *out++ = '\0'; break;
		case '\\': *out++ = '\\'; break;
		case 'x':
			*out++ = (uint8_t)(hex(p[1]) << 4 | hex(p[2]));
			p += 2;
			break;
		default:
			fail_msg("unknown escape \\%c", *p);
		}
	}
	*out = '\0';
	return (size_t)(out - start);
}

static int
read_line(struct vector *v, char *line)
{
	size_t n;

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return 0;
	if (line[0] == '@') {
		snprintf(v->setting, sizeof v->setting, "%.70s", line + 1);
		return 0;
	}
	n = strcspn(line, " \t");
	assert_true(n < sizeof v->expect);
	memcpy(v->expect, line, n);
	v->expect[n] = '\0';
	line += n;
	v->n = unescape(line + strspn(line, " \t"), v->input);
	return 1;
}

size_t
vectors_run(const char *name, void (*fn)(const struct vector *v))
{
	static struct vector v;
	static char line[8192];
	char path[256];
	size_t count = 0;
	FILE *f;

	memset(&v, 0, sizeof v);
	snprintf(path, sizeof path, "tests/vectors/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		v.line++;
		if (!read_line(&v, line))
			continue;
		/* cmocka prints the assertion, this which vector it was. */
		print_message("%s:%d %s\n", path, v.line, v.expect);
		fn(&v);
		count++;
	}
	fclose(f);
	return count;
}
