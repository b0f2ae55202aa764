// reading.js - llhttp, which is the parser of Node, reads what went on: the
// same messages as the engine did, from the lines that fuzz_forward shows
'use strict';
process.removeAllListeners('warning');
process.on('warning', () => {});
const { HTTPParser, methods } = process.binding('http_parser');
const fs = require('fs');

const unhex = (h) => Buffer.from(h === '-' ? '' : h, 'hex');

// All messages in these bytes, or null when they are none.
function read(kind, bytes, toHead, closed) {
  const found = [];
  let now = null;
  const parser = new HTTPParser();
  parser.initialize(kind, {});
  parser[HTTPParser.kOnMessageBegin | 0] = () => {
    now = { method: '', url: '', status: 0, body: [], whole: false };
    found.push(now);
  };
  // Many fields come in several calls; trailers come in one, with the URL of
  // before.
  parser[HTTPParser.kOnHeaders | 0] = (headers, url) => {
    if (now.method === '') now.url += url;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] =
    (major, minor, headers, method, url, status) => {
      now.method = methods[method];
      now.url += url || '';
      now.status = status;
      return toHead ? 1 : 0;
    };
  parser[HTTPParser.kOnBody | 0] = (b, at, n) => {
    now.body.push(at === undefined ? Buffer.from(b) : b.slice(at, at + n));
  };
  parser[HTTPParser.kOnMessageComplete | 0] = () => { now.whole = true; };
  let rv = parser.execute(bytes);
  if (rv instanceof Error) return null;
  if (closed) rv = parser.finish();
  return rv instanceof Error ? null : found;
}

let count = 0;
let bad = 0;
for (const line of fs.readFileSync(process.argv[2], 'latin1').split('\n')) {
  const [what, closed, whole, hex, method, target, content, status] =
    line.split(' ');
  if (what !== 'request' && what !== 'reply') continue;
  const name = unhex(method).toString('latin1');
  // It knows the methods of its list alone.
  if (what === 'request' && !methods.includes(name)) continue;
  const all = read(what === 'request' ? HTTPParser.REQUEST :
    HTTPParser.RESPONSE, unhex(hex), name === 'HEAD' && what === 'reply',
    closed === '1');
  const list = all && all.filter((m) => what === 'request' || m.status >= 200);
  const m = list && list[0];
  count++;
  if (!m || list.length !== 1 || m.whole !== (whole === '1') ||
      !Buffer.concat(m.body).equals(unhex(content)) ||
      (what === 'request' ? m.method !== name ||
        m.url !== unhex(target).toString('latin1') :
        m.status !== Number(status))) {
    bad++;
    console.log('read otherwise:', what, closed, whole, name,
      JSON.stringify(unhex(hex).toString('latin1')), list &&
      JSON.stringify(list.map((x) => [x.method, x.url, x.status, x.whole,
        Buffer.concat(x.body).toString('latin1')])));
  }
}
console.log(count + ' messages');
process.exit(bad > 0 || count === 0 ? 1 : 0);
