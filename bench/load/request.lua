-- wrk's side of a measurement. Arguments: a file with the head, the number of bytes of the body, the mean
-- milliseconds that a connection rests between calls, the paths that take turns.
-- In the head {path} stands for the next path and {trace} for 32 hexadecimal digits that no other request has.

local before, between, after, body, paths
local count = 0
local rest, run

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local head = file:read("*a")
  file:close()
  before, between, after = head:match("^(.-){path}(.-){trace}(.*)$")
  body = string.rep("x", tonumber(args[2]))
  rest = tonumber(args[3])
  -- wrk counts in whole milliseconds, and asks only where there is such a function. Random rests keep connections from marching in step.
  if rest > 0 then delay = function() return math.floor(math.random() * 2 * rest + 0.5) end end
  paths = {}
  for index = 4, #args do paths[#paths + 1] = args[index] end
  run = string.format("%08x%08x", os.time(), math.floor(os.clock() * 1e9) % 4294967296)
end

function request()
  count = count + 1
  return before .. paths[count % #paths + 1] .. between .. run .. string.format("%016x", count) .. after .. body
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    "measured requests=%d micros=%d p50=%d p99=%d status=%d connect=%d read=%d write=%d timeout=%d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
