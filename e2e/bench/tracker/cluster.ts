import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../../shared/assert.ts';
import { TestRedis } from '../../harness/servers/redis.ts';
import type { Bench, Figure } from '../figures.ts';
import { Crowd, saturate, type Member } from './crowd.ts';
import { clientFrame, randomId, realSdp } from './frames.ts';
import { redisFigures } from './redis-cost.ts';
import { ServerProcess } from './servers/server-process.ts';

/** Trackers over one Redis: what an announce costs the nodes and Redis. All share one machine, so CPU says more than rates. */
export const cluster: Bench = {
  name: 'cluster',
  async measure() {
    const figures: Figure[] = [];
    for (const nodes of [1, 2, 3]) figures.push(...(await measured(nodes)));
    return [...figures, ...(await redisFigures())];
  },
};

const connections = 900;
const swarms = 10;
const seconds = 3;

/** Half of what 100,000 peers announce in a second at an interval of 120 s. */
const pacedPerSecond = 400;
const tickMs = 10;
const pacedSeconds = 5;

interface RedisUsage {
  /** Scripts run, and commands run inside them. */
  readonly scripts: number;
  readonly commands: number;
  readonly bytes: number;
  readonly cpuMicros: number;
}

async function redisUsage(redis: TestRedis): Promise<RedisUsage> {
  const info = String(await redis.command('INFO', 'ALL'));
  const number = (pattern: RegExp): number => Number(pattern.exec(info)?.[1] ?? 0);
  const cpuSeconds = number(/^used_cpu_user:(\S+)/m) + number(/^used_cpu_sys:(\S+)/m);
  const all = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  const calls = (wanted: (name: string) => boolean): number =>
    all.filter(([, name = '']) => wanted(name)).reduce((sum, [, , count]) => sum + Number(count), 0);
  return {
    scripts: calls((name) => name.startsWith('eval')),
    commands: calls((name) => !name.startsWith('eval')),
    bytes: number(/^total_net_input_bytes:(\d+)/m) + number(/^total_net_output_bytes:(\d+)/m),
    cpuMicros: cpuSeconds * 1e6,
  };
}

/** Runs a load and returns its cost per announce. */
async function cost(
  redis: TestRedis,
  servers: readonly ServerProcess[],
  at: string,
  load: () => Promise<{ announces: number; seconds: number }>,
): Promise<Figure[]> {
  const nodesCpu = async (): Promise<number> => {
    const usages = await Promise.all(servers.map((server) => server.usage()));
    return usages.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);
  };
  const [cpu, before] = [await nodesCpu(), await redisUsage(redis)];
  const { announces, seconds: took } = await load();
  const [cpuAfter, after] = [await nodesCpu(), await redisUsage(redis)];
  const each = (of: keyof RedisUsage): number => (after[of] - before[of]) / announces;
  return [
    { name: `${at}: announces answered`, value: announces / took, unit: '/s' },
    { name: `${at}: CPU of the nodes per announce`, value: (cpuAfter - cpu) / announces, unit: 'µs' },
    { name: `${at}: CPU of Redis per announce`, value: each('cpuMicros'), unit: 'µs' },
    { name: `${at}: Redis scripts per announce`, value: each('scripts'), unit: '' },
    { name: `${at}: Redis commands in them per announce`, value: each('commands'), unit: '' },
    { name: `${at}: bytes to and from Redis per announce`, value: each('bytes') / 1000, unit: 'kB' },
  ];
}

async function measured(nodes: number): Promise<Figure[]> {
  const redis = await TestRedis.start();
  const servers = await Promise.all(Array.from({ length: nodes }, () => ServerProcess.start('Tabswarm', ['--redis', redis.url])));
  try {
    const crowd = await Crowd.gather(
      servers.map(({ port }) => port),
      connections,
      swarms,
    );
    await saturate(crowd, 0, 1);
    const at = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
    return [
      ...(await cost(redis, servers, `${at}, no offers`, () => saturate(crowd, 0, seconds))),
      ...(await cost(redis, servers, `${at}, five offers`, () => saturate(crowd, 5, seconds))),
      ...(await cost(redis, servers, `${at}, five offers, each answered, ${pacedPerSecond} announces/s`, () => answered(crowd.members))),
    ];
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.kill();
  }
}

/** All members in turn announce five offers, and answer the offers that they get. */
async function answered(members: readonly Member[]): Promise<{ announces: number; seconds: number }> {
  const sdp = realSdp();
  for (const member of members) {
    member.onReply = null;
    member.onOffer = (bytes) => answer(member, bytes, sdp);
  }
  const start = performance.now();
  let announces = 0;
  while (performance.now() - start < pacedSeconds * 1000) {
    const due = ((performance.now() - start) / 1000) * pacedPerSecond;
    for (; announces < due; announces++) itemAt(members, announces % members.length).announce(Array.from({ length: 5 }, randomId));
    await sleep(tickMs);
  }
  return { announces, seconds: (performance.now() - start) / 1000 };
}

function answer({ who, socket }: Member, offer: Buffer, sdp: string): void {
  const { peer_id: to, offer_id: offerId, offer: isOffer } = JSON.parse(offer.toString()) as Record<string, string>;
  if (isOffer === undefined) return;
  const { infoHash, peerId } = who;
  const message = {
    action: 'announce',
    info_hash: infoHash,
    peer_id: peerId,
    to_peer_id: to,
    answer: { type: 'answer', sdp },
    offer_id: offerId,
  };
  socket.write(clientFrame(JSON.stringify(message)));
}
