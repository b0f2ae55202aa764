"""What the tests of a tunnel-proxy that logs in upstream share."""

import os
import signal
import threading

import harness
from harness import await_true, need, recv_until
from operated import Operated
from scripted import head


def page(conn, *_):
    recv_until(conn, b'\r\n\r\n')
    conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'
                 b'Connection: close\r\n\r\nhello')


class Upstream(Operated):
    def credentials(self, text, mode=0o600):
        path = self.file('credentials', text)
        os.chmod(path, mode)
        return path

    def ours(self, upstream, *options, credentials=None, **kwargs):
        if credentials is not None:
            options += ('--upstream-credentials',
                        self.credentials(credentials))
        return self.proxy('--upstream', 'http://%s' % upstream, *options,
                          **kwargs)

    def page(self, proxy, target=None):
        """What curl, which knows nothing of any login, gets through it."""
        target = target or self.serve(page).port
        p = self.start([need('curl', 'curl'), '-q', '-s', '--proxytunnel',
                        '-x', 'http://127.0.0.1:%d' % proxy.port, '--noproxy',
                        '', 'http://127.0.0.1:%d/' % target])
        out = p.stdout.read()
        return p.wait(), out

    def answer(self, proxy, port=1, host='127.0.0.1'):
        """Status and body."""
        whole = self.ask(proxy, head(port, host))
        return self.status(whole), whole.partition(b'\r\n\r\n')[2].decode()

    def at_once(self, n, work):
        """So many threads: what each has come to, in any order."""
        done = []
        threads = [threading.Thread(target=lambda: done.append(work()))
                   for _ in range(n)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(harness.PATIENCE)
        self.assertEqual(len(done), n)
        return done

    def reload(self, proxy):
        n = proxy.process.said().count('anew')
        self.signal(proxy, signal.SIGHUP)
        await_true(lambda: proxy.process.said().count('anew') > n)
