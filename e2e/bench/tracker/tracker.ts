import type { Bench } from '../figures.ts';
import { held } from './connections.ts';
import { relayDelay } from './relay.ts';
import { speed } from './speed.ts';
import { storeFigures } from './store.ts';

/** The tracker beside bittorrent-tracker and a bare `ws` echo, each in a process of its own, over loopback. */
export const tracker: Bench = {
  name: 'tracker',
  async measure({ runs }) {
    return [
      ...(await speed(1000, runs)),
      ...(await speed(5000, runs)),
      ...(await held(15_000)),
      ...(await relayDelay()),
      ...storeFigures(runs),
    ];
  },
};
