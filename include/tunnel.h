/* tunnel.h - carry any byte stream through HTTP proxies; be such a proxy
 *
 * Bytes in, bytes out: the engines (client, server, forward) and the pump do no
 * I/O and know no clock.  link and relay put them on descriptors; loop, resolve
 * and dial do the waiting; proxy does it all.  Each topic has its own header,
 * which may be included alone.
 */
#ifndef TUNNEL_H
#define TUNNEL_H

#include <tunnel/base.h>
#include <tunnel/authority.h>
#include <tunnel/url.h>
#include <tunnel/client.h>
#include <tunnel/server.h>
#include <tunnel/socks.h>
#include <tunnel/forward.h>
#include <tunnel/pump.h>
#include <tunnel/io.h>
#include <tunnel/link.h>
#include <tunnel/relay.h>
#include <tunnel/policy.h>
#include <tunnel/users.h>
#include <tunnel/guard.h>
#include <tunnel/loop.h>
#include <tunnel/resolve.h>
#include <tunnel/dial.h>
#include <tunnel/session.h>
#include <tunnel/proxy.h>
#include <tunnel/foreign.h>

#endif
