import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { RedisConnection } from './redis-connection.ts';
import { countsScript } from './scripts.ts';
import { TestRedis } from '../../e2e/harness/servers/redis.ts';

let redis: TestRedis;
let connection: RedisConnection;

beforeEach(async () => {
  redis = await TestRedis.start();
  const ignored = (): undefined => undefined;
  connection = new RedisConnection({
    url: redis.url,
    node: 'n',
    random: seededRandom(1),
    receive: ignored,
    restored: ignored,
    changed: ignored,
  });
  await connection.open();
}, 60_000);

afterEach(async () => {
  redis.signal('SIGCONT');
  await connection.close();
  await redis.kill();
});

test('at most 8,000 scripts wait for a Redis that hangs, for at most 2 s; more are refused at once', async () => {
  // On a busy machine `open` may have resolved without Redis, and goes on trying.
  await expect.poll(() => connection.reason).toBeNull();
  redis.signal('SIGSTOP');
  const ask = (): Promise<unknown> => connection.run(countsScript, ['a', 'b', 'c'], ['0']);
  const waiting = Array.from({ length: 8000 }, ask);
  const turn = new Promise((resolve) => {
    setImmediate(() => resolve('waits'));
  });
  expect(await Promise.race([ask(), turn])).toBeNull();
  expect(await Promise.race([waiting[0], turn])).toBe('waits');
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([null]));
  expect(connection.reason).toBe('it does not answer');
  const later = new Promise((resolve) => {
    setImmediate(() => resolve('waits'));
  });
  expect(await Promise.race([ask(), later])).toBeNull();
});
