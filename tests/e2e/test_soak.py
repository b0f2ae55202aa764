"""A short form of the soak, so that the long one can be relied on."""

import os
import sys

import harness


class Short(harness.Case):
    def test_some_seconds(self):
        p = self.start([sys.executable, os.path.join(os.path.dirname(
            os.path.abspath(__file__)), 'soak.py'), '0.1'],
            env=harness.clean_env(TUNNEL_BUILD=harness.BUILD))
        out = p.stdout.read().decode()
        self.assertEqual(p.wait(), 0, out + p.said())
        self.assertIn(' visits ', out)
