import type { Network } from '../../harness/networks/network.ts';
import { Browsers } from './browsers.ts';
import type { Contestant } from './contestants.ts';
import type { Sample, Samples } from './figures.ts';
import { type Conditions, run } from './run.ts';

/** The work's result; `null` where it failed, which is said. */
export async function attempt<T>(what: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    console.error(`  ${what} failed:`, error);
    return null;
  }
}

/** All take turns. A run that fails is said and counted, and the others go on, in new browsers. */
export async function takeTurns(network: Network, who: readonly Contestant[], runs: number, conditions: Conditions): Promise<Samples> {
  const samples = new Map(who.map(({ name }) => [name, [] as Sample[]]));
  let browsers: Browsers | null = null;
  for (let round = 0; round < runs; round++) {
    for (const contestant of who) {
      const open: Browsers | null = (browsers ??= await attempt('Opening the browsers', () => Browsers.open(network)));
      const sample = open && (await attempt(`The run of ${contestant.name}`, () => run(network, open, contestant, conditions)));
      if (sample === null) {
        await attempt('Closing the browsers', async () => open?.close());
        browsers = null;
      } else {
        samples.get(contestant.name)?.push(sample);
        console.error(`  ${contestant.name}: ${spoken(sample)}`);
      }
    }
  }
  await attempt('Closing the browsers', async () => browsers?.close());
  return samples;
}

function spoken({ megabytesPerSecond, firstBytesSeconds, pingMs, tcpMegabytesPerSecond }: Sample): string {
  const alone = `${megabytesPerSecond.toFixed(2)} MB/s after ${firstBytesSeconds.toFixed(2)} s, ping ${pingMs.toFixed(0)} ms`;
  return tcpMegabytesPerSecond === null ? alone : `${alone}, TCP ${tcpMegabytesPerSecond.toFixed(2)} MB/s`;
}
