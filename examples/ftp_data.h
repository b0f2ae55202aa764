/* ftp_data.h - the connection that data goes by */
#ifndef FTP_DATA_H
#define FTP_DATA_H

#include <tunnel.h>

enum { FTP_DATA_MAX = 32768 };

struct ftp_data {
	struct tunnel_loop *loop;
	tunnel_call_fn moved;   /* something is different */
	void *ud;
	struct tunnel_dial *dial;
	int fd;
	struct tunnel_fd *stream;
	struct tunnel_watch *watch;
	int connected;
	int ended;              /* nothing more will come */
	int error;              /* the first one, or 0 */
	int wants;              /* it waits for its server: IN or OUT, or 0 */
	uint64_t bytes;         /* that have passed */
	size_t at, n;           /* what has come and was not skipped */
	char in[FTP_DATA_MAX];
};

void ftp_data_begin(struct ftp_data *d, struct tunnel_loop *l,
    tunnel_call_fn moved, void *ud);

/* Connect to an address; connected or error then tells what came of it.  0 or
 * an error. */
int ftp_data_dial(struct ftp_data *d, const char *address, unsigned port,
    uint64_t ms);

/* Close it, whatever it does; hard: so that its server is told that there was
 * no end. */
void ftp_data_close(struct ftp_data *d, int hard);

/* All that can be had, at least two bytes unless there are fewer so far; NULL
 * and 0: none.  Then say how many are done with. */
const char *ftp_data_peek(struct ftp_data *d, size_t *n);
void ftp_data_skip(struct ftp_data *d, size_t n);

/* Send: how many were taken.  And no more is to come. */
size_t ftp_data_put(struct ftp_data *d, const void *in, size_t n);
void ftp_data_shut(struct ftp_data *d);

#endif
