import type { Random } from '../../../shared/random.ts';
import { snapshot } from '../../harness/app/border.ts';
import { Lab } from '../../harness/lab.ts';
import { until } from '../../harness/system/ports.ts';
import { pick } from '../inputs.ts';
import type { Target } from '../target.ts';
import { Counts, Distribution } from './distribution.ts';
import { type Death, Person } from './person.ts';
import { expectComplete, expectExact, mebibyte, type Share, shareCopies } from './shares.ts';
import { within } from './within.ts';

const killsPerTransfer = 6;

/** A crash may lose this much of each torrent, what waits to be written. */
const lostAtMostBytes = 4 * mebibyte;

const lengths = [1, 2, 4, 7, 11, 16].map((megabytes) => megabytes * mebibyte + 12_345);

interface Kill {
  readonly victims: readonly ('sender' | 'receiver')[];
  readonly death: Death;
  /** The kill comes when this share of all bytes is verified, or this long after the last start. */
  readonly moment: { readonly share: number } | { readonly ms: number };
}

function drawKills(random: Random): Kill[] {
  const shares = Array.from({ length: killsPerTransfer }, () => random.below(900) / 1000).toSorted((a, b) => a - b);
  return shares.map((share) => ({
    victims: pick([['receiver'], ['receiver'], ['sender'], ['sender'], ['receiver', 'sender']], random),
    death: pick(['browser', 'pages'], random),
    moment: random.below(3) === 0 ? { ms: random.below(1500) } : { share },
  }));
}

/** Downloads some shares while either browser dies again and again, and keeps account of what was verified. */
class Transfer {
  readonly #sender: Person;
  readonly #receiver: Person;
  readonly #shares: readonly Share[];
  readonly #totalBytes: number;
  /** The most that was seen verified of each torrent. */
  readonly #verified = new Map<string, number>();
  #killedAtMs = 0;

  constructor(sender: Person, receiver: Person, shares: readonly Share[]) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#shares = shares;
    this.#totalBytes = shares.reduce((sum, { payload }) => sum + payload.bytes, 0);
  }

  async begin(): Promise<void> {
    for (const { magnet } of this.#shares) await this.#receiver.open({ magnet, autostart: true });
    await this.#receiver.open({ library: true, autostart: true });
  }

  /** Waits for the moment, kills, starts again, and looks what is left. Replies with the share that was verified before. */
  async kill({ victims, death, moment }: Kill): Promise<number> {
    await this.#wait(moment);
    const verifiedBytes = await this.#look();
    const people = victims.map((victim) => (victim === 'sender' ? this.#sender : this.#receiver));
    this.#killedAtMs = performance.now();
    await Promise.all(people.map((person) => person.die(death)));
    for (const person of people) await person.comeBack(death);
    if (victims.includes('receiver')) await this.#expectKept();
    return verifiedBytes / this.#totalBytes;
  }

  /** Waits until more is verified than before the kill. Replies with the milliseconds since then. */
  async goOn(): Promise<number> {
    const before = sum(this.#verified.values());
    await until('Progress after a kill', 60_000, async () => before === this.#totalBytes || (await this.#look()) > before);
    return performance.now() - this.#killedAtMs;
  }

  async #wait(moment: Kill['moment']): Promise<void> {
    if ('ms' in moment) return new Promise((resolve) => setTimeout(resolve, moment.ms));
    await until('The moment of a kill', 60_000, async () => (await this.#look()) >= moment.share * this.#totalBytes);
  }

  /** Bytes verified of all torrents now. */
  async #look(): Promise<number> {
    const torrents = await this.#receiver.torrents();
    for (const { infoHash, verifiedBytes } of torrents.values())
      this.#verified.set(infoHash, Math.max(verifiedBytes, this.#verified.get(infoHash) ?? 0));
    return sum(Array.from(torrents.values(), ({ verifiedBytes }) => verifiedBytes));
  }

  /** What was verified and has not been received again is there, but for the last 4 MiB. */
  async #expectKept(): Promise<void> {
    for (const { infoHash } of this.#shares) {
      const before = this.#verified.get(infoHash) ?? 0;
      if (before <= lostAtMostBytes) continue;
      let seen = '';
      await until('Opening the library', 30_000, async () => {
        const now = await snapshot(this.#receiver.page, infoHash).catch(() => null);
        seen = now === null ? 'nothing' : `${now.verifiedBytes} verified, ${now.downBytes} received again`;
        return now !== null && now.verifiedBytes - now.downBytes >= before - lostAtMostBytes;
      }).catch(() => {
        throw new Error(`${before} bytes were verified before the kill; then ${seen}`);
      });
    }
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** What stays from one transfer to the next: the tracker, and a sender whose profile lives through all kills. */
interface Stage {
  readonly lab: Lab;
  /** Where the app is served. */
  readonly url: string;
  readonly sender: Person;
  readonly shares: readonly Share[];
}

async function setStage(): Promise<Stage> {
  const lab = new Lab();
  const { url } = await lab.tracker();
  const sender = await Person.start(lab, url);
  return { lab, url, sender, shares: await shareCopies(lab, url, sender.page, lengths) };
}

let stage: Stage | null = null;
/** An input that takes longer hangs. */
const mostTakeMs = 5 * 60_000;

const counts = new Counts();
const restarts = new Distribution('from a kill to the next verified byte');

async function takeKills(random: Random): Promise<number> {
  stage ??= await setStage();
  const { lab, url, sender, shares } = stage;
  const chosen = shares.filter(() => random.below(2) === 0);
  const wanted = chosen.length === 0 ? shares.slice(-1) : chosen;
  const kills = drawKills(random);
  const receiver = await Person.start(lab, url);
  const transfer = new Transfer(sender, receiver, wanted);
  await transfer.begin();
  for (const kill of kills) {
    const share = await transfer.kill(kill);
    for (const victim of kill.victims) counts.add(`${victim}'s ${kill.death} killed`);
    counts.add(share > 0 && share < 1 ? 'in the middle' : 'before the first or after the last byte');
    restarts.add(await transfer.goOn());
  }
  await expectComplete(receiver.page, wanted, 'receiver');
  await expectComplete(sender.page, shares, 'sender');
  await expectExact(lab, receiver.page, wanted);
  await receiver.leave();
  return 0;
}

async function closeStage(): Promise<void> {
  await stage?.lab.close();
  stage = null;
}

export const killTargets: readonly Target[] = [
  {
    name: 'kills',
    take: async (random) => {
      try {
        return await within(mostTakeMs, 'A transfer with kills', takeKills(random));
      } catch (error) {
        await closeStage();
        throw error;
      }
    },
    inputs: killsPerTransfer,
    unit: 'kills',
    mostMs: Infinity,
    stop: closeStage,
    notes: () => [...counts.lines(), ...restarts.lines()],
  },
];
