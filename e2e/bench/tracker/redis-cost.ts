import { createClient } from 'redis';
import { announceScript } from '../../../signal-tracker/cluster/scripts.ts';
import { TestRedis } from '../../harness/servers/redis.ts';
import type { Figure } from '../figures.ts';

const measuredAnnounces = 5000;
const together = 500;
const lifeMs = 264_000;

/** What the announce script costs Redis by the size of the swarm, and what a member takes in memory. */
export async function redisFigures(): Promise<Figure[]> {
  const redis = await TestRedis.start();
  try {
    const figures: Figure[] = [];
    for (const members of [10, 1000, 100_000]) figures.push(...(await bySize(redis, members)));
    figures.push(
      await bytesAMember(redis, 100_000, 1),
      await bytesAMember(redis, 100_000, 20_000),
      await bytesAMember(redis, 100_000, 100_000),
    );
    return figures;
  } finally {
    await redis.kill();
  }
}

async function bySize(redis: TestRedis, members: number): Promise<Figure[]> {
  await redis.command('FLUSHALL');
  await announceMany(redis, members, 1, 0);
  await redis.command('CONFIG', 'RESETSTAT');
  for (let announces = 0; announces < measuredAnnounces; announces += members)
    await announceMany(redis, Math.min(members, measuredAnnounces), 1, 5);
  const usec = Number(/^cmdstat_eval.*usec_per_call=([\d.]+)/m.exec(String(await redis.command('INFO', 'commandstats')))?.[1]);
  return [{ name: `Redis, a swarm of ${members}: script of an announce with five offers`, value: usec, unit: 'µs' }];
}

async function bytesAMember(redis: TestRedis, members: number, swarms: number): Promise<Figure> {
  await redis.command('FLUSHALL');
  const before = await usedBytes(redis);
  await announceMany(redis, members, swarms, 0);
  const each = ((await usedBytes(redis)) - before) / members;
  return { name: `Redis memory per member, ${members} in ${swarms} ${swarms === 1 ? 'swarm' : 'swarms'}`, value: each / 1000, unit: 'kB' };
}

async function usedBytes(redis: TestRedis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(String(await redis.command('INFO', 'memory')))?.[1]);
}

/** Members of four live nodes announce once each. */
async function announceMany(redis: TestRedis, members: number, swarms: number, wanted: number): Promise<void> {
  const client = createClient({ url: redis.url });
  await client.connect();
  const sha = await client.scriptLoad(announceScript.lua);
  for (let node = 0; node < 4; node++) await client.set(`ts:n:node-${node}`, '1');
  for (let from = 0; from < members; from += together) {
    const some = Array.from({ length: Math.min(together, members - from) }, (_, index) => announceArgs(from + index, swarms, wanted));
    await Promise.all(some.map((args) => client.sendCommand(['EVALSHA', sha, '4', ...args])));
  }
  await client.close();
}

function announceArgs(number: number, swarms: number, wanted: number): string[] {
  const hash = String(number % swarms).padStart(40, '0');
  const keys = ['l', 's', 'x', 'd'].map((kind) => `ts:${kind}:${hash}`);
  const isSeed = number % 10 === 0 ? '1' : '0';
  return [
    ...keys,
    `-TS0001-${String(number).padStart(12, '0')}`,
    `node-${number % 4}`,
    String(number),
    isSeed,
    '0',
    String(wanted),
    String(Math.random()),
    String(lifeMs),
    '0',
  ];
}
