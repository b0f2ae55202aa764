"""Standard input and output through libcurl's CURLOPT_CONNECT_ONLY.

    compare_libcurl.py PROXY TARGET LOGINFILE SECONDS CAFILE BEHIND

What is not wanted is empty, or 0."""

import ctypes
import os
import selectors
import socket
import sys


def libcurl(proxy, target, login, seconds, cacert, behind):
    curl = ctypes.CDLL('libcurl.so.4')
    curl.curl_easy_init.restype = ctypes.c_void_p
    easy = ctypes.c_void_p(curl.curl_easy_init())

    def setopt(option, value):
        if isinstance(value, int):
            value = ctypes.c_long(value)
        else:
            value = ctypes.c_char_p(value.encode())
        if curl.curl_easy_setopt(easy, ctypes.c_int(option), value) != 0:
            sys.exit('libcurl does not know the option %d' % option)
    setopt(10002, 'http://' + target)               # CURLOPT_URL
    setopt(10004, ('https://' if cacert else 'http://') + (behind or proxy))
    setopt(10177, '')                               # NOPROXY
    setopt(61, 1)                                   # HTTPPROXYTUNNEL
    setopt(141, 1)                                  # CONNECT_ONLY
    if behind:
        setopt(10262, 'http://' + proxy)            # PRE_PROXY
    if login:
        with open(login) as f:
            user, password = f.read().strip().split(':', 1)
        setopt(10175, user)                         # PROXYUSERNAME
        setopt(10176, password)                     # PROXYPASSWORD
        setopt(111, -17)                            # PROXYAUTH: ANY
    if cacert:
        setopt(10246, cacert)                       # PROXY_CAINFO
    setopt(155, 1000 * int(seconds))                # TIMEOUT_MS
    result = curl.curl_easy_perform(easy)
    if result != 0:
        sys.exit('libcurl: %d' % result)
    fd = ctypes.c_int()
    curl.curl_easy_getinfo(easy, ctypes.c_int(0x50002c), ctypes.byref(fd))
    carry(curl, easy, socket.socket(fileno=os.dup(fd.value)))


def carry(curl, easy, sock):
    buf, n = ctypes.create_string_buffer(1 << 14), ctypes.c_size_t()
    events = selectors.DefaultSelector()
    events.register(0, selectors.EVENT_READ)
    events.register(sock, selectors.EVENT_READ)
    while events.get_map():
        # What it has read already makes no socket readable.
        result = curl.curl_easy_recv(easy, buf, ctypes.c_size_t(len(buf)),
                                     ctypes.byref(n))
        if result == 0 and n.value:
            os.write(1, buf.raw[:n.value])
            continue
        if result == 0 and sock in events.get_map():
            events.unregister(sock)
            os.close(1)
        for key, _ in events.select():
            if key.fd == 0:
                data = os.read(0, 1 << 14)
                if data:
                    curl.curl_easy_send(easy, data, ctypes.c_size_t(
                        len(data)), ctypes.byref(n))
                else:
                    events.unregister(0)
                    sock.shutdown(socket.SHUT_WR)


if __name__ == '__main__':
    libcurl(*sys.argv[1:])
