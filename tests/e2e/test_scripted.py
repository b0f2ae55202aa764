"""What the other tests lean on: a failure beside them is theirs."""

import unittest

import load
from harness import recv_until
from scripted import OK, Case, echo, in_background


class Background(unittest.TestCase):
    def test_exception_is_raised_again(self):
        def work():
            raise ValueError('here')
        finish = in_background(work)
        with self.assertRaisesRegex(ValueError, 'here'):
            finish()

    def test_good_end(self):
        done = []
        in_background(done.append, 1)()
        self.assertEqual(done, [1])


class Loads(Case):
    def test_during_is_between_bytes(self):
        def proxy(conn):
            recv_until(conn, b'\r\n\r\n')
            conn.sendall(OK)
            echo(conn)
        port = self.serve(proxy).port
        loads = [load.Load(port, b'CONNECT\r\n\r\n', 1 << 20)
                 for _ in range(4)]
        moved = []

        def note():
            moved.append(sum(v.got for v in loads))
        self.assertEqual(load.run(loads, hold=4, during=note, times=3), 0)
        self.assertTrue(all(v.whole() for v in loads))
        self.assertEqual(len(moved), 3)
        self.assertEqual(sorted(set(moved + [0, 4 << 20])),
                         [0] + moved + [4 << 20])
