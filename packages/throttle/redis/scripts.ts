/**
 * What runs inside Redis. A script is atomic, and all keys of one have the same hash tag, so that a cluster runs it on one node.
 *
 * The roster of a shard is one JSON text:
 *   run     run id of the server that wrote it; another one means that it was restarted or replaced, and that writes may be lost
 *   epoch   name of this life of the data; grants of another epoch are void
 *   born    server time at which the epoch began
 *   hi      highest server time seen: a clock that steps back reopens no window
 *   a       by how much this time is ahead of the server's clock, which was put back by more than a second: windows go on, and none is opened twice
 *   members by id: h home, t last heard, e ended (0 while it lives), s takes shares, u has not spoken since the data was lost,
 *           f came new in this epoch, l claims: [from, divisor, divisor for the others' account], oldest first
 *
 * A claim says that a member may spend floor(base / divisor) of each window that starts from then on without asking. The sum of 1/divisor over
 * all members is never above 1, at any server time: claims are raised only where that stays true.
 *
 * The record of a counter is a hash: e epoch, s start of the window, per member d:ID (by how much it may spend more than its claim, or less
 * where negative), n:ID (number of its last word; older ones are void), y:ID (1 when it holds nothing it could give), f:ID (all it ever spent,
 * when it left), a:ID (held back for a member that is cut off). What is in nobody's hands is the limit less all of these.
 */

const shared = `
local function run()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
end
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
-- Never goes back. Where the clock was put back by little, time stands still for as long.
local function time(R)
  local now = clock() + (R.a or 0)
  if R.hi > now then
    if R.hi - now > 1000 then R.a = (R.a or 0) + R.hi - now end
    now = R.hi
  end
  return now
end
local function last(m)
  local l = m.l
  if #l == 0 then return 0 end
  return l[#l][2]
end
`;

/**
 * KEYS roster. ARGV home, id, epoch known ('' when new), takes shares, divisor to lower to (0 none), forget after ms, name for a new epoch,
 * roster known ('' none), leave, server time as the member knows it (0 none).
 * Answers {'roster', now, epoch, born, members in shares, roster}, {'tell'} (call again with the roster you know) or {'forgotten'}.
 */
export const beatScript = `${shared}
local home, id, known, shares, lower = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', tonumber(ARGV[5])
local forget, name, told, leave = tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9] == '1'
local heard = tonumber(ARGV[10])
local server = run()
local text = redis.call('GET', KEYS[1])
local R = text and cjson.decode(text) or nil
if not R or R.run ~= server then
  local members = R and R.members or {}
  for _, m in pairs(members) do m.u = 1; m.f = 0 end
  R = { run = server, epoch = name, members = members, hi = R and R.hi or 0, a = R and R.a }
  -- The server may be another one, and have forgotten how late it was.
  if heard - clock() > 1000 then R.hi = math.max(R.hi, heard) end
end
local now = time(R)
R.born = R.born or now
R.hi = now
local function save()
  redis.call('SET', KEYS[1], cjson.encode(R), 'PX', 3456000000)
end
local me = R.members[id]
if known == '' and not me then
  me = { h = home, t = now, e = 0, s = 0, u = 0, f = 1, l = {} }
elseif not me and known == R.epoch then
  save()
  return { 'forgotten' }
elseif not me or me.u == 1 then
  if told == '' then save(); return { 'tell' } end
  local theirs = cjson.decode(told)
  for other, m in pairs(theirs) do
    if not R.members[other] then m.u = 1; m.f = 0; R.members[other] = m end
  end
  me = theirs[id]
  if not me then return { 'forgotten' } end
  me.u = 0
  me.f = 0
end
if me.e ~= 0 then save(); return { 'forgotten' } end
R.members[id] = me
me.t = now
me.s = shares and 1 or 0
if leave then
  R.members[id] = nil
  save()
  return { 'left' }
end
local count, taken, ghosts = 0, 0, false
for other, m in pairs(R.members) do
  if other ~= id and m.e == 0 then
    local silent = now - m.t
    if silent >= forget or (m.h == home and silent >= 1500) then m.e = now end
  end
  if m.e ~= 0 then
    local age = now - m.e
    if age > 3024000000 or (#m.l == 0 and age > 86400000) then R.members[other] = nil end
  else
    if m.u == 1 then ghosts = true end
    if m.s == 1 then count = count + 1 end
    local g = last(m)
    if other ~= id and g > 0 then taken = taken + 1 / g end
  end
end
local function claim(g)
  local l = me.l
  l[#l + 1] = { now, g, g }
  if #l > 16 then
    local a, b = table.remove(l, 1), l[1]
    local least = a[3]
    if least == 0 or (b[3] > 0 and b[3] < least) then least = b[3] end
    l[1] = { a[1], 0, least }
  end
end
local mine = last(me)
if mine > 0 and not shares then
  claim(0)
elseif mine > 0 and lower > mine then
  claim(lower)
elseif shares and not ghosts and (mine == 0 or count < mine) and taken + 1 / count <= 1 + 1e-13 then
  claim(count)
end
save()
return { 'roster', now, R.epoch, R.born, count, cjson.encode(R.members) }
`;

/**
 * KEYS roster, record. ARGV epoch, id, number of this word, start of the window (of one from the first call: the one the member knows, 0 none), its end,
 * length where it begins with the first call (else 0), limit, base of shares, what the member may spend beyond its claim, units needed, largest grant wished, fetches ahead, holds nothing,
 * leaves, name of the counter, channel, settle time ms, units spent before this
 * member came (counted only where Redis has lost them), units by id that gateways had spent which have left (likewise; '' none), of how many such it knows.
 * Answers {outcome, now, start (-1 not known yet), end, difference, left, given, restored, units by id of those that have left where the member knows of fewer (else '')}; outcome: granted, pending, exhausted, window (not now), epoch (beat first), void.
 */
export const wordScript = `${shared}
local epoch, id, number = ARGV[1], ARGV[2], tonumber(ARGV[3])
local start, finish, length = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local limit, base, diff = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local needed, wished, ahead = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12] == '1'
local empty, leaves, counter, channel, settle = ARGV[13] == '1', ARGV[14] == '1', ARGV[15], ARGV[16], tonumber(ARGV[17])
local text = redis.call('GET', KEYS[1])
local R = text and cjson.decode(text) or nil
if not R or R.epoch ~= epoch or R.run ~= run() then return { 'epoch', clock() } end
local now = time(R)
local me = R.members[id]
if not me or me.e ~= 0 then return { 'epoch', now } end
local rec = {}
local flat = redis.call('HGETALL', KEYS[2])
for i = 1, #flat, 2 do rec[flat[i]] = flat[i + 1] end
local function forgetRecord()
  redis.call('DEL', KEYS[2])
  rec = {}
end
if rec.e and rec.e ~= epoch then forgetRecord() end
local recovering
if length == 0 then
  if now < start or now >= finish then return { 'window', now } end
  if rec.s and tonumber(rec.s) ~= start then forgetRecord() end
  recovering = start < R.born
else
  if rec.s and rec.s ~= '?' and now >= tonumber(rec.s) + length then forgetRecord() end
  if rec.s == '?' and now >= R.born + length then forgetRecord() end
  local theirs = start
  recovering = rec.lost == '1' or (not rec.s and now < R.born + length)
  if rec.s and rec.s ~= '?' then
    start = tonumber(rec.s)
  elseif theirs > 0 and now < theirs + length then
    start = theirs
  elseif recovering then
    start = -1
  else
    start = now
  end
  if theirs ~= start then
    -- Words about a window that is over say nothing about this one; units of one that overlaps it were spent in it too.
    if theirs == 0 or now >= theirs + length then diff = 0; empty = false end
    if needed == 0 and (leaves or not recovering) and diff == 0 then return { 'window', now } end
  end
  finish = start + length
end
if rec['n:' .. id] and tonumber(rec['n:' .. id]) >= number then return { 'void', now } end
local fresh = not rec.s
local restored = 0
if recovering and rec.ok ~= '1' and not rec['d:' .. id] then
  restored = tonumber(ARGV[18])
  diff = diff + restored
end
local set = { 'e', epoch, 'n:' .. id, number, 'y:' .. id, empty and 1 or 0 }
local function put(k, v)
  set[#set + 1] = k
  set[#set + 1] = v
  rec[k] = v
end
if leaves then put('f:' .. id, diff) else put('d:' .. id, diff) end
local gone = ARGV[19] ~= '' and cjson.decode(ARGV[19]) or {}
if recovering then
  for other, units in pairs(gone) do
    if not rec['f:' .. other] then put('f:' .. other, string.format('%.0f', units)) end
  end
end
rec['y:' .. id] = empty and '1' or '0'
if fresh and length > 0 then
  if recovering then put('lost', '1') end
  -- A member that is cut off may open windows of its own from its share (its half in each, since two of them touch one of these).
  for other, m in pairs(R.members) do
    local g = last(m)
    if other ~= id and m.e == 0 and g > 0 and now - m.t >= 2000 then put('a:' .. other, math.floor(limit / g)) end
  end
end
if length > 0 and (fresh or rec.s == '?') then put('s', start < 0 and '?' or string.format('%.0f', start)) end
if length == 0 and fresh then put('s', string.format('%.0f', start)) end
local function call()
  local p = now - tonumber(rec.p or '0')
  if p >= 8 or p < 0 then
    put('p', string.format('%.0f', now))
    redis.call('PUBLISH', channel, cjson.encode({ counter, start, finish, length, ARGV[7], ARGV[8], id, recovering and rec.ok ~= '1' and 1 or 0 }))
  end
end
local function store()
  redis.call('HSET', KEYS[2], unpack(set))
  local until_ = (start < 0 and R.born + length or finish) - now + 1000
  redis.call('PEXPIRE', KEYS[2], until_ < 1000 and 1000 or until_)
  if leaves and start >= 0 then
    gone[id] = math.max(0, diff)
    redis.call('PUBLISH', channel, cjson.encode({
      counter = counter, start = start, ['end'] = finish, length = length, limit = ARGV[7], gone = gone
    }))
  end
end
local function share(m)
  if length > 0 or base == 0 then return 0 end
  local g = 0
  for _, c in ipairs(m.l) do
    if c[1] <= start then g = c[3] end
  end
  if m.e ~= 0 and m.e <= start then return 0 end
  return g > 0 and math.floor(base / g) or 0
end
if recovering and rec.ok ~= '1' then
  local missing = now < R.born + settle
  for other, m in pairs(R.members) do
    -- Who came new since then holds nothing of it, nor does who had ended before it began.
    local over = m.f == 1 or (m.e ~= 0 and (length == 0 and m.e <= start or length > 0 and m.e + length <= now))
    if not over and not rec['d:' .. other] and not rec['f:' .. other] then missing = true end
  end
  if missing then
    call()
    store()
    return { 'pending', now, start, finish, diff, 0, 0, restored }
  end
  put('ok', '1')
  if start < 0 then
    start = now
    finish = now + length
    put('s', string.format('%.0f', start))
  end
end
local sum, ghosts, active = 0, false, 0
for other, m in pairs(R.members) do
  local f, d, a = rec['f:' .. other], rec['d:' .. other], rec['a:' .. other]
  if m.e == 0 then active = active + 1 end
  if f then
    sum = sum + f
  else
    sum = sum + math.max(share(m) + (d or 0), a or 0)
    if m.u == 1 and not d then ghosts = true end
  end
end
local others, count = {}, 0
for k, v in pairs(rec) do
  local kind, other = string.sub(k, 1, 2), string.sub(k, 3)
  if (kind == 'd:' or kind == 'f:') and not R.members[other] and (kind == 'f:' or not rec['f:' .. other]) then
    sum = sum + math.max(0, tonumber(v))
  end
  if kind == 'f:' and other ~= id then
    others[other] = math.max(0, tonumber(v))
    count = count + 1
  end
end
local left = limit - sum
if ghosts or left < 0 then left = 0 end
local give = 0
if needed > 0 or ahead then
  local lease = math.min(math.floor(limit / (100 * active)), math.floor(left / (2 * active)))
  local held = math.min(wished, math.floor(left / (2 * active)))
  give = math.min(left, math.max(needed, lease, held))
  if give > 0 then
    diff = diff + give
    left = left - give
    put('d:' .. id, diff)
    put('y:' .. id, 0)
  end
end
local outcome = 'granted'
if give < needed then
  outcome = ghosts and 'pending' or 'exhausted'
  for other, m in pairs(R.members) do
    if other ~= id and m.e == 0 and now - m.t < 2000 and rec['y:' .. other] ~= '1' and not rec['f:' .. other] then
      outcome = 'pending'
    end
  end
  if outcome == 'pending' then call() end
end
store()
return { outcome, now, start, finish, diff, left, give, restored, count > tonumber(ARGV[20]) and cjson.encode(others) or '' }
`;

/**
 * KEYS roster, record. ARGV channel, message. A counter was reset: nobody is known to hold nothing any more, so that all are asked again who hear of it.
 * The roster stands for the slot alone.
 */
export const resetScript = `
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.sub(field, 1, 2) == 'y:' then redis.call('HDEL', KEYS[2], field) end
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
`;
