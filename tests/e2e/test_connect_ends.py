"""tunnel-connect's tunnel: how it ends and what it costs."""

import os
import select
import signal
import socket
import subprocess
import threading
import time

import harness
from harness import await_true, recv_all, recv_exactly, recv_until
from scripted import (MIB, OK, Scripted, answer_pairs, in_background,
                      least_delay, reset)


class Ends(Scripted):
    """Who stops first, and what happens then."""

    def test_input_ends_download_goes_on(self):
        page = os.urandom(3 * MIB)

        def script(conn):
            conn.sendall(OK)
            self.assertEqual(recv_all(conn), b'question')
            time.sleep(1.2)     # longer than any hurry, linger included
            conn.sendall(page)
        status, out, said = self.outcome(script, stdin=b'question')
        self.assertEqual((status, said), (0, ''))
        self.assertTrue(out == page)

    def test_remote_ends_upload_goes_on(self):
        came = []

        def script(conn):
            conn.sendall(OK + b'bye')
            conn.shutdown(socket.SHUT_WR)
            came.append(recv_all(conn))
        p = self.connect(self.proxy(script), '--linger-timeout', '3')
        # Standard output ends at once, though we have not.
        self.assertEqual(p.stdout.read(), b'bye')
        data = os.urandom(MIB)
        # In pieces, with a little silence between them, and for longer than the
        # linger time: it is the silence that counts.
        for at in range(0, MIB, MIB // 32):
            p.stdin.write(data[at:at + MIB // 32])
            p.stdin.flush()
            time.sleep(0.15)
        p.stdin.close()
        self.assertEqual(p.wait(), 0)
        await_true(lambda: came)
        self.assertTrue(came == [data])

    def test_nobody_has_to_press_a_key(self):
        began = []

        def script(conn):
            began.append(time.monotonic())
            conn.sendall(OK + b'bye')
        p = self.connect(self.proxy(script))
        self.assertEqual(p.stdout.read(), b'bye')
        self.assertEqual((p.wait(), p.said()), (0, ''))
        self.assertGreater(time.monotonic() - began[0], 0.9)

    def test_slow_reader_is_no_silence(self):
        """What waits for the other end is delivered, however late it reads."""
        data, came, late = os.urandom(16 * MIB), [], threading.Event()

        def script(conn):
            # Its input is not silent: it waits already.
            await_true(lambda: not select.select([], [p.stdin], [], 0)[1])
            conn.sendall(OK)
            conn.shutdown(socket.SHUT_WR)
            late.wait(harness.PATIENCE)
            came.append(recv_all(conn))
        proxy = self.proxy(script)
        p = self.connect(proxy, '--linger-timeout', '2')
        finish = in_background(p.stdin.write, data)
        self.assertEqual(p.stdout.read(), b'')
        await_true(lambda: not select.select([], [p.stdin], [], 0)[1])
        # Another one, whose input is silent, has its time after that.
        q = self.connect(self.proxy(lambda conn: conn.sendall(OK)),
                         '--linger-timeout', '3')
        self.assertEqual(q.wait(), 0)
        late.set()
        finish()
        p.stdin.close()
        self.assertEqual((p.wait(), p.said()), (0, ''))
        await_true(lambda: came)
        self.assertTrue(came == [data])

    def test_reset_is_no_clean_end(self):
        def script(conn):
            conn.sendall(OK + b'half of it')
            recv_until(conn, b'go')
            reset(conn)
        p = self.connect(self.proxy(script))
        self.assertEqual(p.stdout.read(10), b'half of it')
        p.stdin.write(b'go')
        p.stdin.flush()
        self.assertEqual(p.stdout.read(), b'')
        self.assertEqual(p.wait(), 1)
        self.assertIn('reset', p.said())
        self.assertIn('try again', p.said())

    def test_reset_after_the_input_has_ended(self):
        def script(conn):
            conn.sendall(OK)
            recv_all(conn)
            reset(conn)
        status, out, said = self.outcome(script)
        self.assertEqual((status, out), (1, b''))
        self.assertIn('reset', said)

    def test_reset_while_nobody_reads(self):
        """With its output full it wants nothing of the proxy, and learns of the
        reset all the same."""
        gone = threading.Event()

        def script(conn):
            conn.sendall(OK)
            conn.settimeout(0.3)
            try:
                while True:
                    conn.sendall(bytes(1 << 16))
            except OSError:         # the timeout: it takes no more
                reset(conn)
            gone.set()
        p = self.connect(self.proxy(script))
        self.assertTrue(gone.wait(harness.PATIENCE))
        p.stdout.read()
        self.assertEqual(p.wait(), 1)

    def ready(self, **kwargs):
        """An open tunnel; self.gone says that the proxy has seen its end."""
        def script(conn):
            conn.sendall(OK + b'ready')
            try:
                recv_all(conn)
            finally:
                self.gone.append(1)
        self.gone = []
        p = self.connect(self.proxy(script), **kwargs)
        if p.stdout is not None:
            self.assertEqual(p.stdout.read(5), b'ready')
        return p

    def test_reader_goes_away_while_idle(self):
        p = self.ready()
        p.stdout.close()
        self.assertEqual(p.wait(), 1)
        self.assertIn('proxy 127.0.0.1:', p.said())
        await_true(lambda: self.gone)

    def test_reader_goes_away_after_the_input(self):
        p = self.connect(self.opened(b'ready'), stdin=subprocess.DEVNULL)
        self.assertEqual(p.stdout.read(5), b'ready')
        p.stdout.close()
        self.assertEqual(p.wait(), 1)

    def test_socket_goes_away_while_idle(self):
        ours, theirs = socket.socketpair()
        self.ready(stdout=theirs)
        p = self.ready(stdin=theirs, stdout=theirs)
        theirs.close()
        # From both of them: neither is in its handshake any more.
        self.assertEqual(recv_exactly(ours, 10), b'readyready')
        ours.close()
        p.wait()
        await_true(lambda: self.gone)

    def test_caller_goes_away(self):
        """As when ssh ends: nothing to say."""
        p = self.ready()
        p.stdin.close()
        p.stdout.close()
        p.wait()
        self.assertEqual(p.said(), '')

    def test_signals(self):
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            p = self.ready()
            p.popen.send_signal(sig)
            self.assertEqual(p.wait(), -sig)
            await_true(lambda: self.gone)

    def test_signal_in_the_handshake(self):
        p = self.connect(self.proxy(lambda conn: self.hold()))
        await_true(lambda: self.heads)
        p.popen.send_signal(signal.SIGTERM)
        self.assertEqual(p.wait(), -signal.SIGTERM)

    def test_idle_timeout(self):
        p = self.connect(self.opened(b'x'), '-i', '0.5')
        self.assertEqual(p.stdout.read(), b'x')
        self.assertEqual(p.wait(), 7)
        self.assertIn('-i', p.said())
        self.assertIn('proxy 127.0.0.1:', p.said())


class Costs(Scripted):
    def half_closed(self, conn):
        conn.sendall(OK + b'ready')
        conn.shutdown(socket.SHUT_WR)
        self.hold()

    def little(self, conn):
        """So much that it is held up, and so little that its end is seen."""
        conn.sendall(OK + b'ready' + bytes(180000))

    def full(self, conn):
        conn.sendall(OK + b'ready')
        while True:
            conn.sendall(bytes(1 << 16))

    def test_idle_costs_no_cpu(self):
        quiet = self.opened(b'ready')
        ours, theirs = socket.socketpair()
        all_of_them = [
            self.connect(quiet),
            # Each end of the input, with a silent remote side.
            self.connect(quiet, stdin=subprocess.DEVNULL),
            self.connect(quiet, stdin=theirs, stdout=theirs),
            # The remote side has ended, and the input is silent.
            self.connect(self.proxy(self.half_closed), '--linger-timeout',
                         '60'),
            # Nobody reads its output.
            self.connect(self.proxy(self.full)),
            self.connect(self.proxy(self.full), stdin=subprocess.DEVNULL),
            # It has got the end of both ways, and nobody reads.
            self.connect(self.proxy(self.little), stdin=subprocess.DEVNULL),
            # Nobody has replied yet.
            self.connect(self.proxy(lambda conn: self.hold()), '-t', '60')]
        theirs.close()
        self.addCleanup(ours.close)
        ours.shutdown(socket.SHUT_WR)
        for p in all_of_them[:-1]:
            if p.stdout is not None:
                self.assertEqual(p.stdout.read(5), b'ready')
        self.assertEqual(recv_exactly(ours, 5), b'ready')
        self.assert_idle(*all_of_them)

    def test_full_output_at_the_end(self):
        """All is being sent and ends, and nobody reads for a while."""
        # More than a pipe holds: each of its 256 places may have a whole
        # fragment of the socket's, and not just a page.
        def script(conn):
            conn.sendall(OK + bytes(64 * MIB))
        p = self.connect(self.proxy(script))
        self.assert_idle(p)
        self.assertEqual(len(p.stdout.read()), 64 * MIB)
        self.assertEqual(p.wait(), 0)

    def test_write_write_read(self):
        """Two small writes and an answer: no delayed ACK in between."""
        def script(conn):
            conn.sendall(OK)
            answer_pairs(conn)
        p = self.connect(self.proxy(script), bufsize=0)
        self.assertLess(least_delay(p.stdin.write,
                                     lambda: p.stdout.read(1)), 0.020)
