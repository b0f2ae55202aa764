#!/usr/bin/env node
// tunnel.js - libtunnel for Node.js, by koffi: a net.Socket through a proxy, an
// http.Agent that makes such sockets, and a proxy
//     node tunnel.js connect http://user:password@proxy:3128 host port
//     node tunnel.js get http://user:password@proxy:3128 http://host/path
//     node tunnel.js serve user password
// connect joins stdin and stdout to a tunnel, serve is a proxy on loopback.
'use strict';
const crypto = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');
const koffi = require('koffi');
const net = require('node:net');

const lib = koffi.load(process.env.TUNNEL_LIBRARY || 'libtunnel.so.0');
const C = {}; // C.client_new() is tunnel_client_new(), and so on
for (const [prototype, names] of Object.entries({
  'const char *%(int error)': 'error_name strerror',
  'void *%(const void *a)': 'client_new server_new',
  'void *%(const void *a, size_t ab, size_t ba)': 'pump_new',
  'void %(void *it)': 'client_free server_free pump_free',
  'int %(void *it)': 'client_start client_eof client_fault client_status server_flags ' +
    'server_eof server_accept server_port',
  'const char *%(const void *it)': 'server_host',
  'int %(void *it, int which)': 'server_fail pump_flags pump_eof pump_shut pump_reset',
  'int %(void *it, const char *host, uint port)': 'client_target',
  'int %(void *it, const char *a, const char *b)': 'client_credentials server_field',
  'int %(void *it, void *fn, const void *ud)': 'client_random',
  'int %(void *it, void *user, size_t n, void *password, size_t m)': 'server_basic',
  'int %(void *it, void *at, size_t n, _Out_ size_t *m)': 'client_feed client_drain ' +
    'server_feed server_drain',
  'int %(void *it, int way, void *at, size_t n, _Out_ size_t *m)': 'pump_put pump_take',
  'int %(void *it, int way, size_t low, size_t high)': 'pump_marks',
  'int %(void *it, uint64_t now)': 'pump_tick',
})) {
  for (const name of names.split(' ')) C[name] = lib.func(prototype.replace('%', `tunnel_${name}`));
}
const random = lib.symbol('tunnel_random', 'void *');
const [IN, OUT, , OPEN, , FIN, , DONE, RESET, RETRY, RECONNECT] =
  Array.from({ length: 11 }, (_, i) => 1 << i);
const EAUTH = -18, ECONNECT = -22, SIZE = 65536; // tunnel_constant() says so, too

class TunnelError extends Error {
  constructor(number, status = 0) { // the status that a proxy replied with
    super(`${C.strerror(number)} (${status})`);
    Object.assign(this, { name: 'TunnelError', code: C.error_name(number), status });
  }
}

function check(result) {
  if (result < 0) throw new TunnelError(result);
  return result;
}

function readable(socket) {
  const stop = new AbortController();
  return Promise.race(['readable', 'end', 'close'].map(
    (event) => once(socket, event, stop))).finally(() => stop.abort());
}

// Run a client or a server until it asks, opens or ends.  What came behind its last
// message is the socket's again.
async function handshake(kind, it, socket, flags) {
  const buffer = Buffer.alloc(SIZE), n = [0];
  for (let chunk; check(flags) & (IN | OUT | RETRY);) {
    if (flags & RETRY) { // now it knows how to log in
      flags = C[`${kind}_start`](it);
    } else if (flags & OUT) {
      flags = C[`${kind}_drain`](it, buffer, SIZE, n);
      socket.write(Buffer.from(buffer.subarray(0, n[0])));
    } else if ((chunk = socket.read()) !== null) {
      flags = C[`${kind}_feed`](it, chunk, chunk.length, n);
      if (n[0] < chunk.length) socket.unshift(chunk.subarray(n[0]));
    } else if (socket.readableEnded || socket.destroyed) {
      flags = C[`${kind}_eof`](it);
    } else {
      await readable(socket);
    }
  }
  return flags;
}

// A net.Socket through the proxy of that URL.
async function open(proxy, host, port) {
  const url = new URL(proxy), c = C.client_new(null);
  try {
    check(C.client_target(c, host, Number(port)));
    check(C.client_random(c, random, null));
    if (url.username) {
      check(C.client_credentials(c, ...[url.username, url.password].map(decodeURIComponent)));
    }
    for (;;) {
      const socket = net.connect({ host: url.hostname, port: url.port || 80, allowHalfOpen: true });
      const flags = await once(socket, 'connect')
        .then(() => handshake('client', c, socket, C.client_start(c)))
        .catch((error) => { socket.destroy(); throw error; });
      if (flags & OPEN) return socket;
      socket.destroy();
      if (!(flags & RECONNECT)) throw new TunnelError(C.client_fault(c), C.client_status(c));
    }
  } finally {
    C.client_free(c);
  }
}

class Agent extends http.Agent {
  constructor(proxy, options) {
    super(options);
    this.proxy = proxy;
  }

  createConnection({ host, port }, done) {
    open(this.proxy, host, port).then((socket) => done(null, socket), done);
  }
}

// Join two sockets: a slow one has the other paused, and 128 KiB are on their way.
function join(...sockets) {
  const p = C.pump_new(null, 2 * SIZE, 2 * SIZE), buffer = Buffer.alloc(SIZE), n = [0];
  let done = false;
  const carry = () => {
    for (let way = 0; way < 2 && !done; way++) {
      const source = sockets[way], sink = sockets[1 - way];
      let flags = C.pump_flags(p, way);
      while (flags & OUT && !sink.writableNeedDrain) {
        flags = C.pump_take(p, way, buffer, SIZE, n);
        sink.write(Buffer.from(buffer.subarray(0, n[0])));
      }
      if (flags & FIN) sink.end();
      if (flags & RESET) sink.resetAndDestroy();
      if (flags & (FIN | RESET)) flags = C.pump_shut(p, way);
      if (flags & IN) source.resume(); else source.pause();
    }
  };
  const timer = setInterval(() => {
    done = C.pump_tick(p, Math.round(performance.now())) !== 0;
    if (!done) return;
    clearInterval(timer);
    sockets.forEach((socket) => socket.destroy());
    C.pump_free(p);
  }, 1000);
  sockets.forEach((socket, side) => {
    const tell = (verb, ...more) => { if (!done) C[verb](p, side, ...more); carry(); };
    C.pump_marks(p, side, SIZE / 4, SIZE);
    socket.on('data', (chunk) => tell('pump_put', chunk, chunk.length, n));
    socket.on('end', () => tell('pump_eof'));
    socket.on('error', () => tell('pump_reset'));
    socket.on('drain', carry);
  });
}

async function serve(client, user, password) {
  let target;
  client.on('error', () => client.destroy());
  const s = C.server_new(null), mine = Buffer.alloc(512), told = Buffer.alloc(512);
  try {
    mine.write(user);
    mine.write(password, 256);
    let flags = await handshake('server', s, client, C.server_flags(s));
    if (C.server_basic(s, told, 256, told.subarray(256), 256) < 0 ||
        !crypto.timingSafeEqual(mine, told)) {
      C.server_field(s, 'Proxy-Authenticate', 'Basic realm="proxy"');
      flags = C.server_fail(s, EAUTH);
    } else {
      target = net.connect({ host: C.server_host(s), port: C.server_port(s), allowHalfOpen: true });
      flags = await once(target, 'connect').then(() => C.server_accept(s),
        () => C.server_fail(s, ECONNECT));
      target.on('error', () => target.destroy());
    }
    if (await handshake('server', s, client, flags) & OPEN) join(client, target);
    else client.end();
  } catch {
    client.destroy();
    target?.destroy();
  } finally {
    C.server_free(s);
  }
}

async function main(verb, ...words) {
  if (verb === 'connect') {
    const socket = await open(...words);
    process.stdin.pipe(socket).pipe(process.stdout);
  } else if (verb === 'get') {
    http.get(words[1], { agent: new Agent(words[0]) }, (reply) => reply.pipe(process.stdout));
  } else if (verb === 'serve') {
    const server = net.createServer({ allowHalfOpen: true }, (s) => serve(s, ...words));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    console.log(`listening on 127.0.0.1:${server.address().port}`);
  }
}

module.exports = { open, Agent, join, TunnelError };
if (require.main === module) {
  main(...process.argv.slice(2)).catch((error) => {
    console.error(`tunnel: ${error.code}: ${error.message}`);
    process.exitCode = 1;
  });
}
