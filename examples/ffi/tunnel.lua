#!/usr/bin/env luajit
--- libtunnel for LuaJIT, declared by the library's own headers.
--
--     luajit tunnel.lua connect http://user:password@proxy:3128 host port
--     luajit tunnel.lua serve user password
--
-- connect joins stdin and stdout to a tunnel; serve is a proxy, on a free port of
-- loopback.  local tunnel = require "tunnel" is the same as a module.
-- TUNNEL_CDEF names what cc -std=c99 -E -P makes of tunnel.h, if it is there.
local ffi = require "ffi"

local function declarations()
	local file = os.getenv "TUNNEL_CDEF"
	local from = file and assert(io.open(file)) or assert(io.popen(
	    "echo '#include <tunnel.h>' | cc -std=c99 -E -P -"))
	local text = from:read "*a"
	from:close()
	return text
end

ffi.cdef(declarations())
ffi.cdef [[
struct pollfd { int fd; short events, revents; };
int poll(struct pollfd *fds, unsigned long n, int timeout);
]]
local C = ffi.load(os.getenv "TUNNEL_LIBRARY" or "tunnel")
local POLLIN, POLLOUT = 1, 4
local tunnel = {}

--- Errors are tables: code, name, text, and the status of a proxy's reply, or 0.
local Error = { __tostring = function(e)
	return ("%s: %s (%d)"):format(e.name, e.text, e.status)
end }

local function throw(code, status)
	error(setmetatable({ code = code, status = status or 0,
	    name = ffi.string(C.tunnel_error_name(code)),
	    text = ffi.string(C.tunnel_strerror(code)) }, Error), 0)
end

--- Objects have the library's functions as methods: dial:via(url).  A result below
-- 0 is thrown, and text becomes a string.
local function method(kind, verb)
	local f = C["tunnel_" .. kind .. "_" .. verb]
	return function(...)
		local result = f(...)
		if type(result) == "number" and result < 0 then
			throw(result)
		elseif ffi.istype("const char *", result) then
			return result ~= nil and ffi.string(result) or nil
		end
		return result
	end
end

for kind in ("loop resolver dial pump relay proxy guard users policy session")
    :gmatch "%a+" do
	local methods = setmetatable({}, { __index = function(t, verb)
		t[verb] = method(kind, verb)
		return t[verb]
	end })
	ffi.metatype("struct tunnel_" .. kind, { __index = methods })
end

--- A new object, which is to be freed, after those that were made of it.
function tunnel.new(kind, ...)
	local object = C["tunnel_" .. kind .. "_new"](nil, ...)
	return object ~= nil and object or throw(C.TUNNEL_ENOMEM)
end

--- Through a proxy, whose URL may have credentials: a connected descriptor, and
-- what the target has said already.
function tunnel.open(proxy, host, port)
	local loop = tunnel.new("loop", nil)
	local names = tunnel.new("resolver", loop, 0)
	local dial = tunnel.new("dial", loop, names)
	local outcome, socket, early
	local dialled = ffi.cast("tunnel_dialled_fn", function(_, d, result, fd)
		local n = ffi.new "size_t[1]"
		local at = d:surplus(n)
		outcome, socket = result, fd
		early = n[0] > 0 and ffi.string(at, n[0]) or ""
		loop:stop()
	end)
	local ok, e = pcall(function()
		dial:via(proxy)
		dial:start(host, port, dialled, nil)
		loop:run()
	end)
	local status = dial:status()
	dial:free()
	names:free()
	loop:free()
	dialled:free()
	if not ok then
		error(e, 0)
	end
	return outcome < 0 and throw(outcome, status) or socket, early
end

--- Join two sides, of a descriptor to read and one to write each, until both ways
-- have ended.  64 KiB are the most on their way: then nothing is read.
function tunnel.join(a, b, early)
	local pump = tunnel.new("pump", 65536, 65536)
	local relay = tunnel.new("relay", pump)
	local clock = tunnel.new("loop", nil)
	local all, fds = { a[1], a[2], b[1], b[2] }, ffi.new "struct pollfd[4]"
	local ok, e = pcall(function()
		relay:fds(C.TUNNEL_A, a[1], a[2])
		relay:fds(C.TUNNEL_B, b[1], b[2])
		relay:close_at_fin(C.TUNNEL_A, 1)
		pump:put(C.TUNNEL_BA, early, #early, ffi.new "size_t[1]")
		repeat
			clock:step(0)
			local flags = relay:step(clock:now())
			for i = 0, 3 do
				local want = i % 2 == 0 and C.TUNNEL_IN or C.TUNNEL_OUT
				local wants = bit.band(relay:wants(i < 2 and 0 or 1), want)
				-- poll passes over what is below 0
				fds[i].fd = wants ~= 0 and all[i + 1] or -1
				fds[i].events = i % 2 == 0 and POLLIN or POLLOUT
			end
			-- for the relay has deadlines, too
			ffi.C.poll(fds, 4, flags == C.TUNNEL_NOW and 0 or 1000)
		until flags == C.TUNNEL_DONE
	end)
	clock:free()
	relay:free()
	pump:free()
	return ok or error(e, 0)
end

--- A proxy for one who can log in; ready is called with its address.
function tunnel.serve(where, user, password, ready)
	local users, guard = tunnel.new("users", "proxy"), tunnel.new("guard", "proxy")
	local policy, proxy = tunnel.new "policy", tunnel.new("proxy", nil)
	local who = ffi.new "char[256]"
	users:add(user, password)
	guard:users(users)
	guard:basic(1)
	policy:allow "0.0.0.0/0"
	proxy:policy(policy)
	proxy:listen(where)
	-- A callback, on this thread, since a proxy has one unless it is told.
	proxy:hook(C.TUNNEL_ON_AUTHENTICATE, function(_, session)
		return C.tunnel_guard_check(guard, session:server(), "", 0, 0, who, 256)
	end, nil)
	proxy:open()
	ready(proxy:address(0))
	proxy:run()
end

-- What calls back must not be compiled.
jit.off(tunnel.open, true)
jit.off(tunnel.serve, true)

if arg and arg[0] and arg[0]:match "tunnel%.lua$" then
	local ok, e = pcall(function()
		if arg[1] == "connect" then
			local fd, early = tunnel.open(arg[2], arg[3], tonumber(arg[4]))
			tunnel.join({ 0, 1 }, { fd, fd }, early)
		else
			tunnel.serve("127.0.0.1:0", arg[2], arg[3], function(at)
				print("listening on " .. at)
				io.stdout:flush()
			end)
		end
	end)
	if not ok then
		io.stderr:write("tunnel: " .. tostring(e) .. "\n")
		os.exit(1)
	end
end

return tunnel
