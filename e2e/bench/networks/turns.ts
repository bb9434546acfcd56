import { setTimeout as pause } from 'node:timers/promises';
import { Lab } from '../../harness/lab.ts';
import type { Network } from '../../harness/networks/network.ts';
import { Browsers } from './browsers.ts';
import type { Contestant } from './contestants.ts';
import type { Sample, Samples } from './figures.ts';
import { type Conditions, run } from './run.ts';

/** For opening and closing browsers, and for all of a run but the watched part. */
const patienceSeconds = 60;

/** The work's result; `null` where it failed or took longer, which is said. What it starts in its lab is ended in any case. */
export async function attempt<T>(what: string, limitSeconds: number, work: (lab: Lab) => Promise<T>): Promise<T | null> {
  const lab = new Lab();
  const timer = new AbortController();
  const late = pause(limitSeconds * 1000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`not done after ${limitSeconds.toFixed(0)} s`);
  });
  try {
    return await Promise.race([work(lab), late]);
  } catch (error) {
    console.error(`  ${what} failed:`, error);
    return null;
  } finally {
    timer.abort();
    await lab.close().catch((error: unknown) => console.error(`  Ending what it started failed (${what}):`, error));
  }
}

/** All take turns. A run that fails is said and counted, and the others go on, in new browsers. */
export async function takeTurns(network: Network, who: readonly Contestant[], runs: number, conditions: Conditions): Promise<Samples> {
  const samples = new Map(who.map(({ name }) => [name, [] as Sample[]]));
  const limitSeconds = 2 * patienceSeconds + conditions.seconds;
  let browsers: Browsers | null = null;
  const close = (): Promise<unknown> => attempt('Closing the browsers', patienceSeconds, async () => browsers?.close());
  for (let round = 0; round < runs; round++) {
    for (const contestant of who) {
      const open: Browsers | null = (browsers ??= await attempt('Opening the browsers', patienceSeconds, () => Browsers.open(network)));
      const work = open && ((lab: Lab) => run(lab, network, open, contestant, conditions));
      const sample = work && (await attempt(`The run of ${contestant.name}`, limitSeconds, work));
      if (sample === null) {
        await close();
        browsers = null;
      } else {
        samples.get(contestant.name)?.push(sample);
        console.error(`  ${contestant.name}: ${spoken(sample)}`);
      }
    }
  }
  await close();
  return samples;
}

function spoken({ megabytesPerSecond, firstBytesSeconds, pingMs, tcpMegabytesPerSecond }: Sample): string {
  const alone = `${megabytesPerSecond.toFixed(2)} MB/s after ${firstBytesSeconds.toFixed(2)} s, ping ${pingMs.toFixed(0)} ms`;
  return tcpMegabytesPerSecond === null ? alone : `${alone}, TCP ${tcpMegabytesPerSecond.toFixed(2)} MB/s`;
}
