-- ffi.lua - what ffi.c measures, in LuaJIT
local ffi = require "ffi"
ffi.cdef(assert(io.open(arg[2])):read "*a")
local C = ffi.load(arg[1])
local BLOCK, SPAN = 16384, 0.2
local client, pump = C.tunnel_client_new(nil), C.tunnel_pump_new(nil, 65536, 65536)
local data, out = ("x"):rep(BLOCK), ffi.new("char[?]", BLOCK)
local n = ffi.new "size_t[1]"

-- Seconds that one round takes.
local function spent(work)
	local rounds = 1
	while true do
		rounds = rounds * 2
		local began = os.clock()
		work(rounds)
		local seconds = os.clock() - began
		if seconds >= SPAN then
			return seconds / rounds
		end
	end
end

local call = spent(function(rounds)
	for _ = 1, rounds do
		C.tunnel_client_flags(client)
	end
end)
local block = spent(function(rounds)
	for _ = 1, rounds do
		C.tunnel_pump_put(pump, 0, data, BLOCK, n)
		C.tunnel_pump_take(pump, 0, out, BLOCK, n)
	end
end)
assert(n[0] == BLOCK and ffi.string(out, BLOCK) == data)
print(("%.3f %.1f"):format(call * 1e9, BLOCK / block / 1e6))
