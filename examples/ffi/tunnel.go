// tunnel.go - libtunnel for Go, by cgo: a net.Conn through a proxy, and a proxy
//
//	tunnel connect http://user:password@proxy:3128 host port
//	tunnel serve user password
//
// connect joins stdin and stdout to a tunnel, serve is a proxy on a free port of
// loopback.  Dialer.DialContext is what http.Transport and many others take.
package main

/*
#cgo LDFLAGS: -ltunnel
#include <stdlib.h>
#include <tunnel.h>

int authenticate(void *guard, struct tunnel_session *s)
{
	char who[256];
	return tunnel_guard_check(guard, tunnel_session_server(s), "", 0, 0, who, sizeof who);
}
*/
import "C"

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"
	"unsafe"
)

// Error is one of the library's; Status is what a proxy replied with, or 0.
type Error struct{ Code, Status C.int }

func (e Error) Error() string {
	return fmt.Sprintf("%s: %s (%d)", C.GoString(C.tunnel_error_name(e.Code)),
		C.GoString(C.tunnel_strerror(e.Code)), e.Status)
}

// check gives the first of the results that is an error.
func check(results ...C.int) error {
	for _, r := range results {
		if r < 0 {
			return Error{Code: r}
		}
	}
	return nil
}

// Conn is a tunnel.  What its target said before anybody asked comes first.
type Conn struct {
	*net.TCPConn
	early []byte
}

func (c *Conn) Read(to []byte) (int, error) {
	if len(c.early) == 0 {
		return c.TCPConn.Read(to)
	}
	n := copy(to, c.early)
	c.early = c.early[n:]
	return n, nil
}

// Dialer reaches what is behind a proxy.
type Dialer struct{ Proxy *url.URL }

// DialContext is net.Dialer's.  Until the tunnel is open, ctx's deadline counts.
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, service, _ := net.SplitHostPort(address)
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, err
	}
	c := C.tunnel_client_new(nil)
	defer C.tunnel_client_free(c)
	password, _ := d.Proxy.User.Password()
	words := [3]*C.char{C.CString(host), C.CString(d.Proxy.User.Username()), C.CString(password)}
	for _, w := range words {
		defer C.free(unsafe.Pointer(w))
	}
	err = check(C.tunnel_client_target(c, words[0], C.uint(port)),
		C.tunnel_client_credentials(c, words[1], words[2]),
		C.tunnel_client_random(c, C.tunnel_random_fn(C.tunnel_random), nil))
	conn, flags, got, n := new(net.TCPConn), C.int(C.TUNNEL_RECONNECT), 0, C.size_t(0)
	buffer := make([]byte, 16384)
	at := unsafe.Pointer(&buffer[0])
	for err == nil && flags&C.TUNNEL_OPEN == 0 {
		switch {
		case flags < 0:
			err = check(flags)
		case flags&C.TUNNEL_RECONNECT != 0:
			var reached net.Conn
			conn.Close()
			if reached, err = new(net.Dialer).DialContext(ctx, network, d.Proxy.Host); err == nil {
				conn = reached.(*net.TCPConn)
				deadline, _ := ctx.Deadline()
				conn.SetDeadline(deadline)
				flags = C.tunnel_client_start(c)
			}
		case flags&C.TUNNEL_RETRY != 0:
			flags = C.tunnel_client_start(c)
		case flags&C.TUNNEL_OUT != 0:
			flags = C.tunnel_client_drain(c, at, C.size_t(len(buffer)), &n)
			_, err = conn.Write(buffer[:n])
		case flags&C.TUNNEL_IN != 0:
			got, err = conn.Read(buffer)
			flags = C.tunnel_client_feed(c, at, C.size_t(got), &n)
		default:
			err = Error{C.tunnel_client_fault(c), C.tunnel_client_status(c)}
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Conn{conn, buffer[n:got]}, conn.SetDeadline(time.Time{})
}

// pump joins two sides, with at most 64 KiB on their way.
type pump struct {
	sync.Mutex
	p *C.struct_tunnel_pump
}

// carry is one way of it.  While to takes nothing, nothing is read of from.
func (p *pump) carry(way C.int, from io.Reader, to io.Writer, shut func() error) {
	var n C.size_t
	buffer := make([]byte, 65536)
	at, size := unsafe.Pointer(&buffer[0]), C.size_t(len(buffer))
	for flags := C.int(0); flags&C.TUNNEL_DONE == 0; {
		got, err := from.Read(buffer)
		p.Lock()
		if err == io.EOF {
			C.tunnel_pump_eof(p.p, way)
		} else if err != nil {
			C.tunnel_pump_reset(p.p, way)
		} else {
			C.tunnel_pump_put(p.p, way, at, C.size_t(got), &n)
		}
		flags = C.tunnel_pump_take(p.p, way, at, size, &n)
		p.Unlock()
		if _, err = to.Write(buffer[:n]); err != nil || flags&(C.TUNNEL_FIN|C.TUNNEL_RESET) != 0 {
			shut()
			p.Lock()
			flags = C.tunnel_pump_shut(p.p, way)
			p.Unlock()
		}
	}
}

func connect(proxy, host, port string) error {
	u, err := url.Parse(proxy)
	if err != nil {
		return err
	}
	conn, err := Dialer{u}.DialContext(context.Background(), "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	p := pump{p: C.tunnel_pump_new(nil, 65536, 65536)}
	go p.carry(C.TUNNEL_AB, os.Stdin, conn, conn.(*Conn).CloseWrite)
	p.carry(C.TUNNEL_BA, conn, os.Stdout, os.Stdout.Close)
	return nil
}

func serve(user, password string) error {
	realm, where, all := C.CString("proxy"), C.CString("127.0.0.1:0"), C.CString("0.0.0.0/0")
	users, guard := C.tunnel_users_new(nil, realm), C.tunnel_guard_new(nil, realm)
	policy, proxy := C.tunnel_policy_new(nil), C.tunnel_proxy_new(nil, nil)
	err := check(C.tunnel_users_add(users, C.CString(user), C.CString(password)),
		C.tunnel_guard_users(guard, users), C.tunnel_guard_basic(guard, 1),
		C.tunnel_policy_allow(policy, all), C.tunnel_proxy_policy(proxy, policy),
		C.tunnel_proxy_listen(proxy, where), C.tunnel_proxy_hook(proxy,
			C.TUNNEL_ON_AUTHENTICATE, C.tunnel_hook_fn(C.authenticate), unsafe.Pointer(guard)),
		C.tunnel_proxy_open(proxy))
	if err != nil {
		return err
	}
	fmt.Println("listening on", C.GoString(C.tunnel_proxy_address(proxy, 0)))
	return check(C.tunnel_proxy_run(proxy))
}

func main() {
	var err error
	if os.Args[1] == "connect" {
		err = connect(os.Args[2], os.Args[3], os.Args[4])
	} else {
		err = serve(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tunnel:", err)
		os.Exit(1)
	}
}
