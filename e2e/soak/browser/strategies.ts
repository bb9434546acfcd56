import type { Random } from '../../../shared/random.ts';
import { complete, saved, share } from '../../harness/app/app.ts';
import { chooseStrategy, person, receiver } from '../../harness/app/people.ts';
import { Lab } from '../../harness/lab.ts';
import { pick } from '../inputs.ts';
import { expectThat, type Target } from '../target.ts';
import { Counts, Distribution } from './distribution.ts';
import { mebibyte } from './shares.ts';
import { within } from './within.ts';

const payloadBytes = 32 * mebibyte;
const leechCount = 3;

/** Every choice under Advanced. */
const pieces = ['rarest', 'random', 'sequential', 'windowed'];
const peers = ['usual', 'tit-for-tat', 'rarity', 'latency', 'hybrid', 'none'];
const spread = ['bittorrent', 'push', 'pull', 'push-pull'];

/** Four browsers take a few seconds, and twenty where others use the machine. */
const mostTakeMs = 180_000;

const counts = new Counts();
const times = new Distribution('32 MiB in three tabs');

/** Somebody shares 32 MiB in a way drawn at random; three others have every byte. */
async function takeTransfer(lab: Lab, random: Random): Promise<void> {
  const chosen = { pieces: pick(pieces, random), peers: pick(peers, random), spread: pick(spread, random) };
  const payload = await lab.payload('strategy.bin', payloadBytes);
  const tracker = await lab.tracker();
  const sender = await person(lab, tracker);
  await chooseStrategy(sender.page, chosen);
  const magnet = await share(sender.page, payload.path);
  const startedMs = performance.now();
  const leeches = await Promise.all(Array.from({ length: leechCount }, () => receiver(lab, tracker, magnet)));
  await Promise.all(leeches.map(({ page }) => complete(page)));
  times.add(performance.now() - startedMs);
  const words = Object.values(chosen).join('.');
  for (const { page } of leeches) {
    expectThat((await saved(page, 'strategy.bin', lab.directory)) === payload.hash, `other bytes were saved by ${words}`);
  }
  for (const word of Object.values(chosen)) counts.add(word);
}

export const strategyTargets: readonly Target[] = [
  {
    name: 'strategies in four tabs',
    take: async (random) => {
      const lab = new Lab();
      try {
        await within(mostTakeMs, 'A transfer', takeTransfer(lab, random));
        return 0;
      } finally {
        await lab.close();
      }
    },
    unit: 'transfers',
    mostMs: Infinity,
    notes: () => [...counts.lines(), ...times.lines()],
  },
];
