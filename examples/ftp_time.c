/* ftp_time.c - dates as FTP and HTTP write them
 *
 * The Gregorian calendar, in which 400 years have 146097 days.  Years are
 * counted from March, so that the odd day is at their end.  No locale and no
 * time zone has a say here.
 */
#include "ftp_time.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, ERA = 146097, EPOCH = 719468 };

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "ThuFriSatSunMonTueWed";

static int
days_in(int year, int month)
{
	static const char n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return n[month - 1] + (month == 2 && leap);
}

long long
ftp_time_of(const struct ftp_date *d)
{
	long long year, day;
	int month;

	if (d->year < 1970 || d->year > 9999 || d->month < 1 ||
	    d->month > 12 || d->day < 1 ||
	    d->day > days_in(d->year, d->month) || d->hour < 0 ||
	    d->hour > 23 || d->minute < 0 || d->minute > 59 ||
	    d->second < 0 || d->second > 60)
		return -1;
	month = (d->month + 9) % 12;
	year = d->year - (d->month < 3);
	day = year * 365 + year / 4 - year / 100 + year / 400 +
	    (month * 153 + 2) / 5 + d->day - 1 - EPOCH;
	return day * DAY + d->hour * 3600LL + d->minute * 60LL + d->second;
}

void
ftp_time_date(long long when, struct ftp_date *d)
{
	long long day = when / DAY + EPOCH, era = day / ERA, of, year;
	int rest = (int)(when % DAY), month;

	of = day % ERA;
	year = (of - of / 1460 + of / 36524 - of / (ERA - 1)) / 365;
	of -= year * 365 + year / 4 - year / 100;
	month = (int)((of * 5 + 2) / 153);
	d->day = (int)of - (month * 153 + 2) / 5 + 1;
	d->month = month < 10 ? month + 3 : month - 9;
	d->year = (int)(year + era * 400) + (d->month < 3);
	d->hour = rest / 3600;
	d->minute = rest / 60 % 60;
	d->second = rest % 60;
}

/* n digits, and on; -1. */
static int
digits(const char **p, int n)
{
	int v = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

long long
ftp_time_read(const char *text, size_t n)
{
	struct ftp_date d;
	const char *p = text;

	if (n < 14 || (n > 14 && text[14] != '.'))
		return -1;
	d.year = digits(&p, 4);
	d.month = digits(&p, 2);
	d.day = digits(&p, 2);
	d.hour = digits(&p, 2);
	d.minute = digits(&p, 2);
	d.second = digits(&p, 2);
	return p == text + 14 ? ftp_time_of(&d) : -1;
}

int
ftp_time_month(const char *name)
{
	int i, k;

	for (i = 0; i < 12; i++) {
		/* All of these are letters, or no match. */
		for (k = 0; k < 3; k++)
			if ((name[k] | 0x20) != (months[3 * i + k] | 0x20))
				break;
		if (k == 3)
			return i + 1;
	}
	return 0;
}

/* One word of a date: 1, or 0 when it has no place in one. */
static int
take_word(const char *p, size_t n, struct ftp_date *d)
{
	int v = 0;
	size_t i;

	if (n == 8 && p[2] == ':' && p[5] == ':' && d->hour < 0) {
		d->hour = digits(&p, 2);
		p++;
		d->minute = digits(&p, 2);
		p++;
		d->second = digits(&p, 2);
		return d->hour >= 0;
	}
	if (p[0] < '0' || p[0] > '9') {
		if (n == 3 && d->month == 0)
			d->month = ftp_time_month(p);
		return 1;
	}
	for (i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9' || i == 4)
			return 0;
		v = v * 10 + (p[i] - '0');
	}
	if (d->day == 0)
		d->day = v;
	else if (d->year == 0)
		d->year = n > 2 ? v : v < 70 ? 2000 + v : 1900 + v;
	else
		return 0;
	return 1;
}

long long
ftp_time_http(const char *text)
{
	struct ftp_date d = { 0, 0, 0, -1, 0, 0 };
	const char *p = text;
	size_t n;

	while (*p != '\0') {
		n = strcspn(p, " ,-");
		if (n > 0 && !take_word(p, n, &d))
			return -1;
		p += n;
		p += strspn(p, " ,-");
	}
	return ftp_time_of(&d);
}

void
ftp_time_write(long long when, char out[FTP_TIME_HTTP])
{
	struct ftp_date d;
	char text[100];

	ftp_time_date(when, &d);
	(void)snprintf(text, sizeof text,
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + when / DAY % 7 * 3, d.day,
	    months + (size_t)(d.month - 1) * 3,
	    d.year, d.hour, d.minute, d.second);
	(void)snprintf(out, FTP_TIME_HTTP, "%.29s", text);
}
