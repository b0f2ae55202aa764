/* ftp_status.c - replies of FTP as statuses of HTTP
 *
 * FTP has one number for what does not exist and what may not be had, 550; what
 * it was said to tells more than the number does.
 */
#include "ftp_status.h"

#include <stddef.h>

static const struct {
	int code, status;
} table[] = {
	{ 332, 401 },           /* an account is wanted */
	{ 421, 503 },           /* the server closes: too many, or no time */
	{ 425, 502 }, { 426, 502 }, /* the data connection */
	{ 430, 401 },
	{ 450, 503 },           /* busy */
	{ 451, 502 },
	{ 452, 507 }, { 552, 507 }, /* no space */
	{ 501, 400 },           /* it does not like the name */
	{ 500, 501 }, { 502, 501 }, { 504, 501 },
	{ 530, 401 }, { 532, 401 },
	{ 533, 502 }, { 534, 502 }, { 536, 502 }, /* it wants TLS */
	{ 550, 404 },
	{ 553, 403 }
};

int
ftp_status(int code, enum ftp_matter matter)
{
	size_t i;

	if (matter == FTP_TO_STORE && code == 550)
		return 403;
	if (matter == FTP_TO_LOGIN && code >= 500 && code != 533 &&
	    code != 534 && code != 536)
		return 401;
	/* That is between the server and us. */
	if (matter == FTP_TO_SETUP && code >= 500 && code < 530)
		return 502;
	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].code == code)
			return table[i].status;
	return code >= 400 && code < 500 ? 503 : 502;
}
