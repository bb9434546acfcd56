import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../figures.ts';
import { Crowd } from './crowd.ts';
import { ServerProcess } from './servers/server-process.ts';

const heldSeconds = 10;

/** Many connections at once: all are answered, are still open after a while, and are answered again. */
export async function held(connections: number): Promise<Figure[]> {
  const server = await ServerProcess.start('Tabswarm');
  try {
    const before = await server.usage();
    const start = performance.now();
    const crowd = await Crowd.gather(server.port, connections, 10);
    const gathered = (performance.now() - start) / 1000;
    await sleep(heldSeconds * 1000);
    await crowd.announceAll();
    const after = await server.usage();
    const open = crowd.members.filter(({ closed }) => !closed).length;
    crowd.leave();
    return [
      { name: 'connections held at once', value: open, unit: '', target: { atLeast: connections } },
      { name: `${connections} connections opened and answered in`, value: gathered, unit: 's' },
      {
        name: `memory of the tracker for ${connections} connections`,
        value: (after.residentBytes - before.residentBytes) / 1e6,
        unit: 'MB',
      },
    ];
  } finally {
    await server.stop();
  }
}
