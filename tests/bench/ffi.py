"""ffi.py - what ffi.c measures, in Python by ctypes"""
import ctypes
import sys
import time

BLOCK, SPAN = 16384, 0.2
lib = ctypes.CDLL(sys.argv[1])
VOID, SIZE = ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)
lib.tunnel_client_new.restype = lib.tunnel_pump_new.restype = VOID
lib.tunnel_client_new.argtypes = lib.tunnel_client_flags.argtypes = [VOID]
lib.tunnel_pump_new.argtypes = [VOID, ctypes.c_size_t, ctypes.c_size_t]
lib.tunnel_pump_put.argtypes = lib.tunnel_pump_take.argtypes = [
    VOID, ctypes.c_int, VOID, ctypes.c_size_t, SIZE]
client = lib.tunnel_client_new(None)
pump = lib.tunnel_pump_new(None, 65536, 65536)


def spent(work):
    """Seconds that one round takes."""
    rounds = 1
    while True:
        rounds *= 2
        began = time.process_time()
        work(rounds)
        seconds = time.process_time() - began
        if seconds >= SPAN:
            return seconds / rounds


def calls(rounds):
    flags = lib.tunnel_client_flags
    for _ in range(rounds):
        flags(client)


def blocks(rounds):
    put, take, n = lib.tunnel_pump_put, lib.tunnel_pump_take, ctypes.c_size_t()
    data, out = b'x' * BLOCK, ctypes.create_string_buffer(BLOCK)
    where = ctypes.byref(n)
    for _ in range(rounds):
        put(pump, 0, data, BLOCK, where)
        take(pump, 0, out, BLOCK, where)
    assert out.raw == data


print('%.3f %.1f' % (spent(calls) * 1e9, BLOCK / spent(blocks) / 1e6))
