/* ftp_type.c - media types, as names tell them: FTP knows none */
#include "ftp_type.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *suffix, *type;
} table[] = {
	{ "css", "text/css" }, { "csv", "text/csv" },
	{ "gif", "image/gif" }, { "gz", "application/gzip" },
	{ "htm", "text/html" }, { "html", "text/html" },
	{ "jpeg", "image/jpeg" }, { "jpg", "image/jpeg" },
	{ "js", "text/javascript" }, { "json", "application/json" },
	{ "md", "text/plain" }, { "mp3", "audio/mpeg" },
	{ "mp4", "video/mp4" }, { "ogg", "audio/ogg" },
	{ "pdf", "application/pdf" }, { "png", "image/png" },
	{ "svg", "image/svg+xml" }, { "tar", "application/x-tar" },
	{ "text", "text/plain" }, { "tgz", "application/gzip" },
	{ "txt", "text/plain" }, { "webp", "image/webp" },
	{ "xml", "application/xml" }, { "zip", "application/zip" }
};

const char *
ftp_type(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i, k, n;

	for (i = 0; dot != NULL && i < sizeof table / sizeof *table; i++) {
		n = strlen(table[i].suffix);
		if (strlen(dot + 1) != n)
			continue;
		for (k = 0; k < n; k++)
			if ((dot[1 + k] | 0x20) != table[i].suffix[k] &&
			    dot[1 + k] != table[i].suffix[k])
				break;
		if (k == n)
			return table[i].type;
	}
	return "application/octet-stream";
}
