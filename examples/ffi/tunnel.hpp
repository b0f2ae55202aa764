/* tunnel.hpp - libtunnel for C++17: what was opened closes itself
 *
 * Include it; or compile it as a program (-x c++) that joins stdin and stdout to
 * a tunnel, or is a proxy on a free port of loopback:
 *     tunnel connect http://user:password@proxy:3128 host port
 *     tunnel serve user password */
#ifndef TUNNEL_HPP
#define TUNNEL_HPP

#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include <tunnel.h>

namespace tunnel {

/* code is the library's, status what the proxy has replied with, or 0. */
struct error : std::runtime_error {
	explicit error(int c, int s = 0)
	    : std::runtime_error(std::string(tunnel_error_name(c)) + ": " +
		tunnel_strerror(c) + " (" + std::to_string(s) + ")"),
	      code(c), status(s) {}
	int code, status;
};

inline int check(int result)
{
	return result < 0 ? throw error(result) : result;
}

inline uint64_t now()
{
	return static_cast<uint64_t>(std::chrono::steady_clock::now()
	    .time_since_epoch() / std::chrono::milliseconds(1));
}

/* An object of the library's with its end: owned<tunnel_pump_free> p(...). */
template <auto end> struct deleter {
	template <typename T> void operator()(T *p) const { end(p); }
};
template <typename T> T of(void (*)(T *));
template <auto end>
struct owned : std::unique_ptr<decltype(of(end)), deleter<end>> {
	template <typename T> explicit owned(T *p)
	    : std::unique_ptr<T, deleter<end>>(
		p != nullptr ? p : throw std::bad_alloc()) {}
	operator decltype(of(end)) *() const { return this->get(); }
};

/* A tunnel through a proxy, whose URL may have credentials: a socket that does
 * not block, and what the target has said before anybody asked. */
class stream {
public:
	stream(const std::string &proxy, const std::string &host, unsigned port)
	{
		owned<tunnel_loop_free> loop(tunnel_loop_new(nullptr, nullptr));
		owned<tunnel_resolver_free> names(
		    tunnel_resolver_new(nullptr, loop, 0));
		owned<tunnel_dial_free> dial(
		    tunnel_dial_new(nullptr, loop, names));
		auto end = std::make_pair(loop.get(), 0);

		check(tunnel_dial_via(dial, proxy.c_str()));
		check(tunnel_dial_start(dial, host.c_str(), port,
		    [](void *ud, tunnel_dial *, int result, int got) {
			auto e = static_cast<decltype(end) *>(ud);
			e->second = result < 0 ? result : got;
			tunnel_loop_stop(e->first);
		    }, &end));
		check(tunnel_loop_run(loop));
		if (end.second < 0)
			throw error(end.second, tunnel_dial_status(dial));
		std::size_t n;
		auto at = tunnel_dial_surplus(dial, &n);
		if (n > 0)
			early.assign(static_cast<const char *>(at), n);
		fd = end.second;
	}
	~stream() { if (fd >= 0) ::close(fd); }
	stream(const stream &) = delete;
	int fd = -1;
	std::string early;
};

/* Two sides that are joined, with at most so many bytes on their way: who reads
 * slowly holds back who writes.  Descriptors may be blocking ones. */
class joint {
public:
	explicit joint(std::size_t cap)
	    : pump_(tunnel_pump_new(nullptr, cap, cap)),
	      relay_(tunnel_relay_new(nullptr, pump_)) {}
	void side(int which, int in, int out, std::string_view early = {})
	{
		std::size_t used;

		check(tunnel_relay_fds(relay_, which, in, out));
		check(tunnel_relay_close_at_fin(relay_, which, 1));
		check(tunnel_pump_put(
		    pump_, which, early.data(), early.size(), &used));
		fds_[2 * which] = {in, POLLIN, 0};
		fds_[2 * which + 1] = {out, POLLOUT, 0};
	}
	/* Until both ways have ended. */
	void run()
	{
		int flags;
		while ((flags = check(tunnel_relay_step(relay_, now()))) !=
		    TUNNEL_DONE) {
			pollfd fds[4];  /* poll passes over what is below 0 */

			for (int i = 0; i < 4; i++) {
				fds[i] = fds_[i];
				if (!(tunnel_relay_wants(relay_, i / 2) &
				    (i % 2 ? TUNNEL_OUT : TUNNEL_IN)))
					fds[i].fd = -1;
			}
			/* There are deadlines, too, which need not be exact. */
			poll(fds, 4, flags & TUNNEL_NOW ? 0 : 1000);
		}
	}

private:
	owned<tunnel_pump_free> pump_;
	owned<tunnel_relay_free> relay_;
	pollfd fds_[4] = {};
};

/* A proxy for who can log in, with Basic. */
class server {
public:
	server(const std::string &where, const std::string &realm)
	    : users_(tunnel_users_new(nullptr, realm.c_str())),
	      guard_(tunnel_guard_new(nullptr, realm.c_str())),
	      proxy_(tunnel_proxy_new(nullptr, nullptr))
	{
		owned<tunnel_policy_free> all(tunnel_policy_new(nullptr));

		check(tunnel_policy_allow(all, "0.0.0.0/0"));
		check(tunnel_proxy_policy(proxy_, all));
		all.release();
		check(tunnel_guard_users(guard_, users_));
		check(tunnel_guard_basic(guard_, 1));
		check(tunnel_proxy_listen(proxy_, where.c_str()));
		check(tunnel_proxy_hook(proxy_, TUNNEL_ON_AUTHENTICATE,
		    [](void *ud, tunnel_session *s) {
			char who[256];
			return tunnel_guard_check(
			    static_cast<tunnel_guard *>(ud),
			    tunnel_session_server(s), "", 0, now(), who,
			    sizeof who);
		    }, guard_.get()));
		check(tunnel_proxy_open(proxy_));
	}
	void add(const std::string &user, const std::string &password)
	{
		check(tunnel_users_add(users_, user.c_str(), password.c_str()));
	}
	std::string address() const { return tunnel_proxy_address(proxy_, 0); }
	void run() { check(tunnel_proxy_run(proxy_)); }

private:
	owned<tunnel_users_free> users_;
	owned<tunnel_guard_free> guard_;
	owned<tunnel_proxy_free> proxy_;
};

} // namespace tunnel

#if defined(__INCLUDE_LEVEL__) && __INCLUDE_LEVEL__ == 0
int
main(int argc, char **argv)
try {
	std::string word = argc > 3 ? argv[1] : "";
	if (word == "connect" && argc == 5) {
		tunnel::stream s(argv[2], argv[3],
		    static_cast<unsigned>(std::stoul(argv[4])));
		tunnel::joint j(65536);
		j.side(TUNNEL_A, 0, 1);
		j.side(TUNNEL_B, s.fd, s.fd, s.early);
		j.run();
	} else if (word == "serve") {
		tunnel::server s("127.0.0.1:0", "proxy");
		s.add(argv[2], argv[3]);
		std::cout << "listening on " << s.address() << std::endl;
		s.run();
	}
} catch (const std::exception &e) {
	std::cerr << "tunnel: " << e.what() << std::endl;
	return 1;
}
#endif
#endif
