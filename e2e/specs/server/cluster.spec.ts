import { TestRedis } from '../../harness/servers/redis.ts';
import { complete, saved, torrentState } from '../../harness/app/app.ts';
import type { Lab } from '../../harness/lab.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { until } from '../../harness/system/ports.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const mebibyte = 1024 * 1024;

/** A tracker node that has joined the cluster. */
async function node(lab: Lab, redis: TestRedis): Promise<Tracker> {
  const tracker = await lab.tracker(['--stun', 'none', '--redis', redis.url]);
  await until('Redis is up', 60_000, async () => (await (await fetch(`${tracker.url}/healthz`)).text()) === 'ok');
  return tracker;
}

test('two browsers on different nodes of a three-node cluster find each other and transfer a file', async ({ lab }) => {
  const redis = await TestRedis.start();
  lab.own(() => redis.kill());
  const [first, second, third] = await Promise.all([node(lab, redis), node(lab, redis), node(lab, redis)]);
  const payload = await lab.payload('across.bin', 16 * mebibyte);
  const { magnet } = await sender(lab, first, payload.path);
  // A link without a tracker: each browser uses the tracker that served its page.
  const bare = magnet.replaceAll(/&tr=[^&]*/g, '');
  expect(bare).not.toBe(magnet);
  const { page } = await receiver(lab, second, bare);
  await complete(page);
  expect(await torrentState(page)).toMatchObject({ verifiedBytes: payload.bytes });
  expect(await saved(page, 'across.bin', lab.directory)).toBe(payload.hash);

  // The third node introduces a new peer to both. Stopping the first node changes nothing.
  await first.kill();
  const late = await receiver(lab, third, bare);
  await complete(late.page);
});
