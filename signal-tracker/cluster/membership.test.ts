import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { TestRedis } from '../../e2e/harness/servers/redis.ts';
import { Membership } from './membership.ts';
import { RedisConnection } from './redis-connection.ts';

let redis: TestRedis;
let connection: RedisConnection;

beforeEach(async () => {
  redis = await TestRedis.start();
  const ignored = (): undefined => undefined;
  const random = seededRandom(1);
  connection = new RedisConnection({ url: redis.url, node: 'n', random, receive: ignored, restored: ignored, changed: ignored });
  await connection.open();
}, 60_000);

afterEach(async () => {
  await connection.close();
  await redis.kill();
});

test('all of 20,000 departures at once reach Redis, although only 8,000 scripts may wait', async () => {
  await expect.poll(() => connection.reason).toBeNull();
  const membership = new Membership(connection, 'n', seededRandom(1));
  const swarm = 'film'.padEnd(20);
  const members = Array.from({ length: 20_000 }, (_, index) => [`peer-${index}`.padEnd(20), `n|${index}`] as const);
  const key = `ts:l:${Buffer.from(swarm).toString('hex')}`;
  await redis.command('HSET', key, ...members.flat());
  for (const [peerId, mark] of members) membership.removeMember(swarm, peerId, mark);
  await membership.deliverDepartures(10_000);
  await expect.poll(() => membership.pendingDepartures).toBe(0);
  expect(await redis.command('EXISTS', key)).toBe(0);
});
