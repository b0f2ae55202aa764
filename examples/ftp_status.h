/* ftp_status.h - replies of FTP as statuses of HTTP */
#ifndef FTP_STATUS_H
#define FTP_STATUS_H

/* What the reply was to. */
enum ftp_matter {
	FTP_TO_LOGIN,           /* USER, PASS */
	FTP_TO_SETUP,           /* TYPE, EPSV, PASV */
	FTP_TO_PATH,            /* CWD, RETR, LIST, DELE: what is there */
	FTP_TO_STORE            /* STOR: what is to be there */
};

/* 400 to 599 for a reply that is not what it should be. */
int ftp_status(int code, enum ftp_matter matter);

#endif
