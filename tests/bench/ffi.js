// ffi.js - what ffi.c measures, in Node.js by koffi
'use strict';
const koffi = require('koffi');

const BLOCK = 16384, SPAN = 200;
const lib = koffi.load(process.argv[2]);
const client = lib.func('void *tunnel_client_new(const void *a)')(null);
const flags = lib.func('int tunnel_client_flags(void *c)');
const create = lib.func('void *tunnel_pump_new(const void *a, size_t ab, size_t ba)');
const put = lib.func('int tunnel_pump_put(void *p, int w, void *in, size_t n, _Out_ size_t *m)');
const take = lib.func('int tunnel_pump_take(void *p, int w, void *out, size_t n, _Out_ size_t *m)');
const pump = create(null, 65536, 65536);

// Milliseconds that one round takes.
function spent(work) {
  for (let rounds = 2; ; rounds *= 2) {
    const began = process.cpuUsage();
    work(rounds);
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1e3;
    if (ms >= SPAN) return ms / rounds;
  }
}

const data = Buffer.alloc(BLOCK, 'x'), out = Buffer.alloc(BLOCK), n = [0];
const call = spent((rounds) => {
  for (let i = 0; i < rounds; i++) flags(client);
});
const block = spent((rounds) => {
  for (let i = 0; i < rounds; i++) {
    put(pump, 0, data, BLOCK, n);
    take(pump, 0, out, BLOCK, n);
  }
});
if (n[0] !== BLOCK || !data.equals(out)) throw new Error('not the same');
console.log(`${(call * 1e6).toFixed(3)} ${(BLOCK / block / 1e3).toFixed(1)}`);
