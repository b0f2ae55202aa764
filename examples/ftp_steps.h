/* ftp_steps.h - the steps of a talk, for ftp_talk and ftp_steps alone */
#ifndef FTP_STEPS_H
#define FTP_STEPS_H

#include "ftp_status.h"
#include "ftp_talk.h"

/* Into another state; say the next command, NAME behind it; the end; the end
 * because of a reply; 1 when a reply is of the good kind. */
void ftp_go(struct ftp_talk *t, enum ftp_state state);
void ftp_say(struct ftp_talk *t, const char *word, const char *name,
    enum ftp_state state);
void ftp_over(struct ftp_talk *t, int status);
void ftp_fail(struct ftp_talk *t, const struct ftp_reply *r,
    enum ftp_matter matter);
int ftp_good(const struct ftp_reply *r);

/* We are in the directory that is meant, or that holds what is. */
void ftp_arrive(struct ftp_talk *t);

/* Have a connection for data. */
void ftp_open_data(struct ftp_talk *t);

/* What a reply means in each state. */
void ftp_at_size(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_try_cwd(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_mdtm(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_epsv(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_pasv(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_rest(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_asked(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_flowing(struct ftp_talk *t, const struct ftp_reply *r);
void ftp_at_removal(struct ftp_talk *t, const struct ftp_reply *r);

#endif
