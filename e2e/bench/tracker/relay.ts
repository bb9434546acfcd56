import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../../shared/assert.ts';
import type { Figure } from '../figures.ts';
import { Crowd } from './crowd.ts';
import { ServerProcess } from './servers/server-process.ts';

const announcesPerSecond = 1000;
const seconds = 8;
const tickMs = 10;

/** How long an offer takes from one client to another at 1,000 announces a second with five offers each. */
export async function relayDelay(): Promise<Figure[]> {
  const server = await ServerProcess.start('Tabswarm');
  try {
    const crowd = await Crowd.gather(server.port, 1000, 10);
    await paced(crowd, 2);
    const delays = await paced(crowd, seconds);
    crowd.leave();
    const at = (share: number): number => delays[Math.floor(delays.length * share)] ?? Infinity;
    return [
      { name: `offers relayed a second at ${announcesPerSecond} announces/s`, value: delays.length / seconds, unit: '/s' },
      { name: 'delay of a relayed offer, median', value: at(0.5), unit: 'ms' },
      { name: 'delay of a relayed offer, p99', value: at(0.99), unit: 'ms', target: { atMost: 20 } },
    ];
  } finally {
    await server.stop();
  }
}

/** Sorted delays in ms. An offer's id says when it was sent. */
async function paced({ members }: Crowd, lasting: number): Promise<number[]> {
  const delays: number[] = [];
  for (const member of members) {
    member.onReply = null;
    member.onOffer = (message) => {
      const from = message.indexOf('"offer_id":"') + '"offer_id":"'.length;
      delays.push(performance.now() - Number(message.toString('latin1', from + 1, from + 16)));
    };
  }
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < lasting * 1000) {
    const due = ((performance.now() - start) / 1000) * announcesPerSecond;
    for (; sent < due; sent++) itemAt(members, sent % members.length).announce(stamps());
    await sleep(tickMs);
  }
  await sleep(300);
  return delays.toSorted((a, b) => a - b);
}

function stamps(): string[] {
  const now = performance.now().toFixed(3).padStart(15, '0');
  return Array.from({ length: 5 }, (_, index) => `${index}${now}....`);
}
