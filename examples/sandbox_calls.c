/* sandbox_calls.c - which system calls are for what
 *
 * Allowed are those that the proxy and its libc make, with glibc and with musl,
 * and others of the same kind, as another version of a libc may choose them: on
 * files that are allowed, on sockets, on the memory and the threads of the
 * process itself.  What may reach others, too, is in sandbox_linux.c with the
 * arguments for which it does not.  The numbers are part of the kernel's
 * interface: first x86-64, then aarch64.  What is called most stands first, for
 * older kernels go through the list each time.
 */
#include "sandbox_calls.h"

#define C(name, x86_64, aarch64) { x86_64, aarch64 },

const struct sandbox_call sandbox_allowed[] = {
	C(recvfrom, 45, 207) C(sendto, 44, 206) C(read, 0, 63) C(write, 1, 64)
	C(splice, 275, 76) C(epoll_wait, 232, -1) C(epoll_pwait, 281, 22)
	C(epoll_pwait2, 441, 441) C(epoll_ctl, 233, 21) C(recvmsg, 47, 212)
	C(sendmsg, 46, 211) C(readv, 19, 65) C(writev, 20, 66) C(futex, 202, 98)
	C(clock_gettime, 228, 113) C(getpid, 39, 172) C(gettid, 186, 178)
	C(accept, 43, 202) C(accept4, 288, 242) C(connect, 42, 203)
	C(bind, 49, 200) C(listen, 50, 201) C(shutdown, 48, 210)
	C(getsockname, 51, 204) C(getpeername, 52, 205) C(getsockopt, 55, 209)
	C(setsockopt, 54, 208) C(socketpair, 53, 199) C(sendmmsg, 307, 269)
	C(recvmmsg, 299, 243) C(close, 3, 57) C(close_range, 436, 436)
	C(dup, 32, 23) C(dup2, 33, -1) C(dup3, 292, 24) C(pipe, 22, -1)
	C(pipe2, 293, 59) C(sendfile, 40, 71) C(pread64, 17, 67)
	C(pwrite64, 18, 68) C(preadv, 295, 69) C(pwritev, 296, 70)
	C(preadv2, 327, 286) C(pwritev2, 328, 287) C(lseek, 8, 62)
	C(epoll_create, 213, -1) C(epoll_create1, 291, 20) C(poll, 7, -1)
	C(ppoll, 271, 73) C(select, 23, -1) C(pselect6, 270, 72)
	C(eventfd, 284, -1) C(eventfd2, 290, 19) C(timerfd_create, 283, 85)
	C(timerfd_settime, 286, 86) C(timerfd_gettime, 287, 87) C(open, 2, -1)
	C(openat, 257, 56) C(stat, 4, -1) C(fstat, 5, 80) C(lstat, 6, -1)
	C(newfstatat, 262, 79) C(statx, 332, 291) C(access, 21, -1)
	C(faccessat, 269, 48) C(faccessat2, 439, 439) C(readlink, 89, -1)
	C(readlinkat, 267, 78) C(getdents64, 217, 61) C(getcwd, 79, 17)
	C(statfs, 137, 43) C(fstatfs, 138, 44) C(fsync, 74, 82)
	C(fdatasync, 75, 83) C(fadvise64, 221, 223) C(flock, 73, 32)
	C(unlink, 87, -1) C(unlinkat, 263, 35) C(munmap, 11, 215)
	C(mremap, 25, 216) C(madvise, 28, 233) C(brk, 12, 214)
	C(mlock, 149, 228) C(munlock, 150, 229) C(mlock2, 325, 284)
	C(membarrier, 324, 283) C(map_shadow_stack, 453, 453)
	C(rt_sigaction, 13, 134) C(rt_sigprocmask, 14, 135)
	C(rt_sigreturn, 15, 139) C(rt_sigpending, 127, 136)
	C(rt_sigtimedwait, 128, 137) C(rt_sigsuspend, 130, 133)
	C(sigaltstack, 131, 132) C(restart_syscall, 219, 128) C(exit, 60, 93)
	C(exit_group, 231, 94) C(set_robust_list, 273, 99)
	C(get_robust_list, 274, 100) C(rseq, 334, 293)
	C(set_tid_address, 218, 96) C(futex_waitv, 449, 449)
	C(futex_wake, 454, 454) C(futex_wait, 455, 455)
	C(futex_requeue, 456, 456) C(getppid, 110, 173) C(getuid, 102, 174)
	C(geteuid, 107, 175) C(getgid, 104, 176) C(getegid, 108, 177)
	C(getresuid, 118, 148) C(getresgid, 120, 150) C(getgroups, 115, 158)
	C(getpgrp, 111, -1) C(getpgid, 121, 155) C(getsid, 124, 156)
	C(sched_yield, 24, 124) C(sched_getaffinity, 204, 123)
	C(sched_getparam, 143, 121) C(sched_getscheduler, 145, 120)
	C(sched_get_priority_max, 146, 125) C(sched_get_priority_min, 147, 126)
	C(getcpu, 309, 168) C(getrlimit, 97, 163) C(getrusage, 98, 165)
	C(sysinfo, 99, 179) C(uname, 63, 160) C(times, 100, 153)
	C(prctl, 157, 167) C(clock_getres, 229, 114)
	C(clock_nanosleep, 230, 115) C(nanosleep, 35, 101)
	C(gettimeofday, 96, 169) C(time, 201, -1) C(getrandom, 318, 278)
};

/* Files and keys that tickets are kept in. */
const struct sandbox_call sandbox_tickets[] = {
	C(keyctl, 250, 219) C(add_key, 248, 217) C(request_key, 249, 218)
	C(rename, 82, -1) C(renameat, 264, 38) C(renameat2, 316, 276)
	C(mkdir, 83, -1) C(mkdirat, 258, 34) C(umask, 95, 166)
	C(chmod, 90, -1) C(fchmod, 91, 52) C(fchmodat, 268, 53)
	C(chown, 92, -1) C(fchown, 93, 55) C(fchownat, 260, 54)
	C(truncate, 76, 45) C(ftruncate, 77, 46)
};

/* Other programs, other processes, other machines than this one is. */
const struct sandbox_call sandbox_deadly[] = {
	C(execve, 59, 221) C(execveat, 322, 281) C(ptrace, 101, 117)
	C(process_vm_readv, 310, 270) C(process_vm_writev, 311, 271)
	C(mount, 165, 40) C(umount2, 166, 39) C(pivot_root, 155, 41)
	C(chroot, 161, 51) C(move_mount, 429, 429) C(open_tree, 428, 428)
	C(fsopen, 430, 430) C(fsconfig, 431, 431) C(fsmount, 432, 432)
	C(mount_setattr, 442, 442) C(setns, 308, 268) C(unshare, 272, 97)
	C(bpf, 321, 280) C(perf_event_open, 298, 241) C(userfaultfd, 323, 282)
	C(kexec_load, 246, 104) C(kexec_file_load, 320, 294)
	C(init_module, 175, 105) C(finit_module, 313, 273)
	C(delete_module, 176, 106) C(reboot, 169, 142) C(swapon, 167, 224)
	C(swapoff, 168, 225) C(open_by_handle_at, 304, 265) C(iopl, 172, -1)
	C(ioperm, 173, -1) C(acct, 163, 89) C(quotactl, 179, 60)
	C(settimeofday, 164, 170) C(clock_settime, 227, 112)
	C(sethostname, 170, 161) C(setdomainname, 171, 162)
	C(pidfd_getfd, 438, 438) C(kcmp, 312, 272)
};

#define COUNT(list) ((unsigned)(sizeof(list) / sizeof(list)[0]))

const unsigned sandbox_allowed_n = COUNT(sandbox_allowed);
const unsigned sandbox_tickets_n = COUNT(sandbox_tickets);
const unsigned sandbox_deadly_n = COUNT(sandbox_deadly);
