/**
 * Everything the cluster does in Redis (7 or newer), each as one Lua script, which runs atomically.
 *
 * Per info hash there are up to four keys, each of which expires:
 *   ts:l:HASH, ts:s:HASH  hashes of leeches and of seeds, peer → `node|epoch`. Two hashes, not one with a flag: a seed wants only leeches, and would
 *                         not find them among ten thousand seeds in a few samples; counts are the two lengths.
 *   ts:x:HASH             sorted set, peer → when it expires
 *   ts:d:HASH             how many peers finished
 * Per node, ts:n:NODE exists while the node's heartbeat succeeds. Members of a node without it are dead, and removed when a sample meets them.
 *
 * Every script is O(k) in the peers asked for: HRANDFIELD, HLEN and a bounded look at the oldest; never the whole swarm.
 */
export interface Script {
  readonly lua: string;
}

/** Expired members removed in one announce: more than one announce adds, so they cannot pile up. */
const expiredPerAnnounce = 32;

/** How often an announce samples again after it met dead members and removed them. */
const sampleRounds = 4;

/**
 * KEYS leeches, seeds, expiries, downloads. ARGV peer, node, epoch, is seed (1 or 0), has finished, peers wanted, random number (0 … 1), life in ms,
 * take the peer id from its holder. Returns `{mark}` if a living node holds this peer id, otherwise `{seeds, leeches, peer, mark, peer, mark …}` with
 * members of other nodes: about `wanted` and a few spare ones. Samples twice as many as wanted, since with two nodes half of them are the caller's.
 */
export const announceScript: Script = {
  lua: `
local leeches, seeds, expiries, downloads = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local peer, node, isSeed, wanted, lifeMs = ARGV[1], ARGV[2], ARGV[4] == '1', tonumber(ARGV[6]), tonumber(ARGV[8])
local lives = { [node] = true }
local function nodeOf(mark) return string.match(mark, '^[^|]*') end
local function isAlive(name)
  if lives[name] == nil then lives[name] = redis.call('EXISTS', 'ts:n:' .. name) == 1 end
  return lives[name]
end
local function drop(peers)
  redis.call('HDEL', leeches, unpack(peers))
  redis.call('HDEL', seeds, unpack(peers))
  redis.call('ZREM', expiries, unpack(peers))
end

local mine, other = leeches, seeds
if isSeed then mine, other = seeds, leeches end
local elsewhere = redis.call('HGET', other, peer)
local held = elsewhere or redis.call('HGET', mine, peer)
if held and ARGV[9] ~= '1' and nodeOf(held) ~= node and isAlive(nodeOf(held)) then return { held } end

if elsewhere then redis.call('HDEL', other, peer) end
redis.call('HSET', mine, peer, node .. '|' .. ARGV[3])
if elsewhere and ARGV[5] == '1' then redis.call('INCR', downloads) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', expiries, now + lifeMs, peer)
local expired = redis.call('ZRANGEBYSCORE', expiries, '-inf', now, 'LIMIT', 0, ${expiredPerAnnounce})
if #expired > 0 then drop(expired) end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, 2 * lifeMs) end

local found, dead
local function sample(key, count)
  if count < 1 then return end
  local sampled = redis.call('HRANDFIELD', key, count, 'WITHVALUES')
  for i = 1, #sampled, 2 do
    local name = nodeOf(sampled[i + 1])
    if not isAlive(name) then
      dead[#dead + 1] = sampled[i]
    elseif name ~= node then
      found[#found + 1] = sampled[i]
      found[#found + 1] = sampled[i + 1]
    end
  end
end
local complete, incomplete
for _ = 1, ${sampleRounds} do
  found, dead = {}, {}
  complete, incomplete = redis.call('HLEN', seeds), redis.call('HLEN', leeches)
  local usable = isSeed and 0 or complete
  local total = incomplete + usable
  if wanted == 0 or total == 0 then break end
  local samples = math.min(total, 2 * wanted + 6)
  local ofSeeds = samples == total and usable or math.floor(samples * usable / total + ARGV[7])
  sample(leeches, samples - ofSeeds)
  sample(seeds, ofSeeds)
  if #dead == 0 then break end
  drop(dead)
  complete, incomplete = redis.call('HLEN', seeds), redis.call('HLEN', leeches)
end
return { complete, incomplete, unpack(found) }
`,
};

/** KEYS leeches, seeds, expiries. ARGV peer, mark. Removes the member only while it has this mark: it may have come back at another node. */
export const leaveScript: Script = {
  lua: `
for i = 1, 2 do
  if redis.call('HGET', KEYS[i], ARGV[1]) == ARGV[2] then
    redis.call('HDEL', KEYS[i], ARGV[1])
    return redis.call('ZREM', KEYS[3], ARGV[1])
  end
end
return 0
`,
};

/** KEYS seeds, leeches, downloads of each info hash in turn. Returns their three numbers in turn. */
export const countsScript: Script = {
  lua: `
local counts = {}
for i = 1, #KEYS, 3 do
  counts[i] = redis.call('HLEN', KEYS[i])
  counts[i + 1] = redis.call('HLEN', KEYS[i + 1])
  counts[i + 2] = tonumber(redis.call('GET', KEYS[i + 2]) or 0)
end
return counts
`,
};

/** KEYS the node's alive key. ARGV its channel, a batch. Returns how many subscribers received it; with none the node is dead, from now on for every node. */
export const deliverScript: Script = {
  lua: `
local received = redis.call('PUBLISH', ARGV[1], ARGV[2])
if received == 0 then redis.call('DEL', KEYS[1]) end
return received
`,
};

/**
 * KEYS the caller's alive key. ARGV its channel, life of the key in ms. Returns `{received, known}`: whether its own subscription receives, and whether
 * its alive key still existed. If not, its members may have been removed, or Redis emptied.
 */
export const heartbeatScript: Script = {
  lua: `
local received = redis.call('PUBLISH', ARGV[1], '')
if received == 0 then return { 0, 0 } end
local known = redis.call('SET', KEYS[1], '1', 'PX', ARGV[2], 'GET')
return { received, known and 1 or 0 }
`,
};

export const scripts: readonly Script[] = [announceScript, leaveScript, countsScript, deliverScript, heartbeatScript];
