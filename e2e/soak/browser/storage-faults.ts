import type { Page } from 'playwright';
import type { Random } from '../../../shared/random.ts';
import { complete, torrentStates } from '../../harness/app/app.ts';
import { Lab } from '../../harness/lab.ts';
import { PatchedSite } from '../../harness/servers/patched-site.ts';
import { until } from '../../harness/system/ports.ts';
import { pick } from '../inputs.ts';
import { expectThat, type Target } from '../target.ts';
import { Counts } from './distribution.ts';
import { faultPath, faultyIndexedDb, noFaults, planChannel, planPath, type FaultPlan } from './faulty-indexeddb.ts';
import { Person } from './person.ts';
import { expectComplete, expectExact, mebibyte, type Share, shareCopies } from './shares.ts';
import { within } from './within.ts';

/** The first two are in the library before the first fault. */
const lengths = [1, 3, 2, 5, 9, 14].map((megabytes) => megabytes * mebibyte + 4321);
const baselineCount = 2;

/** Long enough for every retry to fail, short enough that a visit may still end well. */
const mostFaultyMs = 4000;

function drawPlan(random: Random): FaultPlan {
  const kinds = Array.from({ length: 1 + random.below(2) }, () =>
    pick<() => Partial<FaultPlan>>(
      [
        () => ({ abort: 30 + random.below(400) }),
        () => ({ quota: pick([100, 1000], random) }),
        () => ({ close: 20 + random.below(200) }),
        () => ({ together: 30 + random.below(300) }),
        () => ({ openFails: 100 + random.below(900) }),
        () => ({ openIsSlow: 500, slowOpenMs: pick([300, 2000, 12_000], random) }),
      ],
      random,
    )(),
  );
  return Object.assign({ ...noFaults, seed: 1 + random.below(2 ** 31) }, ...kinds) as FaultPlan;
}

/** What stays from one visit to the next: a sender, and somebody with a library whose database fails. */
class Stage {
  readonly lab = new Lab();
  readonly #counts: Counts;
  #plan = noFaults;
  #person: Person | null = null;
  shares: readonly Share[] = [];

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  get person(): Person {
    if (this.#person === null) throw new Error('the stage is not set');
    return this.#person;
  }

  get baseline(): readonly Share[] {
    return this.shares.slice(0, baselineCount);
  }

  async set(): Promise<this> {
    const tracker = await this.lab.tracker();
    const site = await PatchedSite.start(tracker.url, {
      prefix: (path) => (/^\/assets\/worker-.*\.js$/.test(path) ? faultyIndexedDb : ''),
      answer: (path) => this.#answer(path),
    });
    this.lab.own(async () => site.close());
    const sender = await Person.start(this.lab, tracker.url);
    this.shares = await shareCopies(this.lab, tracker.url, sender.page, lengths);
    this.#person = await Person.start(this.lab, site.url);
    for (const { magnet } of this.baseline) {
      await this.person.open({ magnet, autostart: true });
      await complete(this.person.page);
    }
    return this;
  }

  /** Opens the app anew: its Worker starts with these faults. */
  async visit(plan: FaultPlan, magnet?: string): Promise<void> {
    this.#plan = plan;
    await this.person.page.goto('about:blank');
    await this.person.open(magnet === undefined ? { library: true } : { magnet, autostart: true });
  }

  async endFaults(): Promise<void> {
    this.#plan = noFaults;
    await this.person.page.evaluate(([name, plan]) => new BroadcastChannel(name).postMessage(plan), [planChannel, noFaults] as const);
  }

  #answer(path: string): string | null {
    if (path === planPath) return JSON.stringify(this.#plan);
    if (!path.startsWith(faultPath)) return null;
    this.#counts.add(path.slice(faultPath.length));
    return '';
  }
}

/** What the page says of its storage now. */
async function saidBy(page: Page): Promise<Set<string>> {
  const codes = await page
    .getByTestId('error')
    .evaluateAll((places) => places.map((place) => (place as HTMLElement).dataset['code'] ?? ''));
  const states = await page
    .getByTestId('headline')
    .evaluateAll((places) => places.map((place) => (place as HTMLElement).dataset['state'] ?? ''));
  return new Set([...codes, ...states]);
}

/** One visit with faults, which end after a while, and one without. */
async function takeVisit(stage: Stage, random: Random): Promise<void> {
  const share = pick(stage.shares.slice(baselineCount), random);
  const plan = drawPlan(random);
  const { page } = stage.person;
  const said = new Set<string>();
  const listen = async (): Promise<void> => (await saidBy(page)).forEach((word) => said.add(word));

  await stage.visit(plan, share.magnet);
  const faultyUntil = performance.now() + 500 + random.below(mostFaultyMs);
  while (performance.now() < faultyUntil) await listen();
  await stage.endFaults();
  await until('The end of a download', 60_000, async () => {
    await listen();
    const state = (await torrentStates(page)).find(({ infoHash }) => infoHash === share.infoHash);
    if (state?.phase === 'stalled' && said.has('noSpace')) await resume(page);
    return state?.phase === 'seeding' && state.verifiedBytes === share.payload.bytes;
  }).catch(async (error: unknown) => {
    const shown = JSON.stringify(await torrentStates(page));
    throw new Error(`${String(error)} after ${JSON.stringify(plan)}; the page said ${[...said].join()} and shows ${shown}`);
  });
  await listen();
  await expectExact(stage.lab, page, [share]);

  await stage.visit(noFaults);
  await expectComplete(page, stage.baseline, `visitor after ${JSON.stringify(plan)}`);
  const isKept = await isComplete(page, share);
  expectThat(isKept || said.has('storageRefused'), `a download is gone after ${JSON.stringify(plan)}; the page said ${[...said].join()}`);
  await remove(stage, share);
}

/** The button may go while it is clicked, because the engine tries again by itself. */
async function resume(page: Page): Promise<void> {
  const button = page.getByTestId('resume').first();
  await Promise.allSettled([button.dispatchEvent('click', {}, { timeout: 500 })]);
}

async function isComplete(page: Page, share: Share): Promise<boolean> {
  const [found] = await Promise.allSettled([expectComplete(page, [share], 'visitor', 10_000)]);
  return found.status === 'fulfilled';
}

async function remove(stage: Stage, { magnet }: Share): Promise<void> {
  const { page } = stage.person;
  await stage.person.open({ magnet });
  await page.getByTestId('remove').first().click();
  await page.getByTestId('remove-confirm').click();
  await until('A removal', 10_000, async () => (await page.getByTestId('torrent').count()) === 0);
}

/** An input that takes longer hangs. */
const mostTakeMs = 5 * 60_000;

const counts = new Counts();
let stage: Stage | null = null;

async function closeStage(): Promise<void> {
  await stage?.lab.close();
  stage = null;
}

export const storageFaultTargets: readonly Target[] = [
  {
    name: 'IndexedDB faults',
    take: async (random) => {
      try {
        stage ??= await new Stage(counts).set();
        await within(mostTakeMs, 'A visit', takeVisit(stage, random));
        return 0;
      } catch (error) {
        await closeStage();
        throw error;
      }
    },
    unit: 'visits',
    mostMs: Infinity,
    stop: closeStage,
    notes: () => counts.lines(),
  },
];
