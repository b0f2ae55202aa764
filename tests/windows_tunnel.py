#!/usr/bin/env python3
"""windows_tunnel.py COMMAND... - run windows_tunnel.exe, by that command, through
tunnel-proxy to an echo"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'e2e'))
import harness                                      # noqa: E402
from peers import TunnelProxy                       # noqa: E402
from scripted import echo                           # noqa: E402

origin = harness.Server(echo)
proxy = TunnelProxy()
try:
    for size in (0, 1, 1000, 3145729):
        subprocess.run(sys.argv[1:] + [str(proxy.port), '127.0.0.1',
                                       str(origin.port), str(size)],
                       check=True, timeout=120)
finally:
    proxy.stop()
    origin.stop()
