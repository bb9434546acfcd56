import type { Page } from 'playwright';
import type { Random } from '../../../shared/random.ts';
import { complete, openApp, saved, share, torrentStates, verifiedShare } from '../../harness/app/app.ts';
import { withSettings } from '../../harness/app/settings.ts';
import { longestStallSeconds, watchProgress } from '../../harness/app/stalls.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { Lab } from '../../harness/lab.ts';
import { until } from '../../harness/system/ports.ts';
import type { Payload } from '../../harness/system/payload.ts';
import { pick } from '../inputs.ts';
import { expectThat, type Target } from '../target.ts';
import { Counts, Distribution } from './distribution.ts';
import { infoHashIn, mebibyte } from './shares.ts';
import { within } from './within.ts';

const handOversPerSequence = 10;
const mostTabs = 3;
const mostStallMs = 5000;

/** The receiver takes so long for it that most of a sequence happens meanwhile. */
const largeBytes = 48 * mebibyte;
const receiverBytesPerSecond = 3 * mebibyte;

/** Somebody who opens, reloads and closes tabs of one browser at random, and drops files and opens links in them. */
class Tabs {
  readonly #lab: Lab;
  readonly #browser: Chromium;
  readonly #url: string;
  readonly #random: Random;
  readonly #counts: Counts;
  readonly #changes: Distribution;
  readonly #pages: Page[] = [];
  /** Everything that each tab must know in the end. */
  readonly infoHashes = new Set<string>();
  /** What was dropped in some tab. */
  readonly drops: { readonly magnet: string; readonly payload: Payload }[] = [];
  readonly #links: string[];
  handOvers = 0;

  constructor(lab: Lab, url: string, browser: Chromium, links: readonly string[], random: Random) {
    this.#lab = lab;
    this.#browser = browser;
    this.#url = url;
    this.#links = [...links];
    this.#random = random;
    this.#counts = counts;
    this.#changes = changes;
  }

  async open(): Promise<Page> {
    const page = await this.#browser.page();
    await openApp(page, this.#url, { autostart: true });
    this.#pages.push(page);
    return page;
  }

  /** One thing that a person does. */
  async act(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 100 + this.#random.below(900)));
    const actions = [() => this.#drop(), () => this.#follow()];
    if (this.#pages.length < mostTabs)
      actions.push(
        () => this.#openAnother(),
        () => this.#openAnother(),
      );
    if (this.#pages.length > 1) actions.push(...[1, 2, 3].flatMap(() => [() => this.#reload(), () => this.#close()]));
    await pick(actions, this.#random)();
  }

  async drop(bytes: number): Promise<string> {
    const page = pick(this.#pages, this.#random);
    const payload = await this.#lab.payload(`drop ${this.drops.length}.bin`, bytes, 1 + this.#random.below(2 ** 30));
    await page.evaluate(() => (location.hash = '#/'));
    const magnet = await share(page, payload.path);
    this.drops.push({ magnet, payload });
    this.infoHashes.add(infoHashIn(magnet));
    return magnet;
  }

  /** Every tab lists everything, complete. */
  async expectAllComplete(): Promise<void> {
    for (const page of this.#pages) {
      await page.evaluate(() => (location.hash = '#/library'));
      let seen = '';
      await until('A complete list', 60_000, async () => {
        const states = await torrentStates(page);
        seen = states.map(({ infoHash, phase }) => `${infoHash.slice(0, 6)} ${phase}`).join();
        return (
          states.length === this.infoHashes.size &&
          states.every(({ infoHash, phase }) => this.infoHashes.has(infoHash) && phase === 'seeding')
        );
      }).catch(() => {
        throw new Error(`a tab lists ${seen} instead of ${this.infoHashes.size} complete torrents`);
      });
    }
  }

  async #openAnother(): Promise<void> {
    await this.open();
    this.#counts.add('tab opened');
  }

  async #drop(): Promise<void> {
    if (this.drops.length > 3) return;
    await this.drop(1 + this.#random.below(2 * mebibyte));
    this.#counts.add('drop');
  }

  async #follow(): Promise<void> {
    const magnet = this.#links.pop();
    if (magnet === undefined) return;
    this.infoHashes.add(infoHashIn(magnet));
    await pick(this.#pages, this.#random).evaluate((link) => (location.hash = link), magnet);
    this.#counts.add('link');
  }

  async #reload(): Promise<void> {
    const page = pick(this.#pages, this.#random);
    if (await isAsked(page)) return;
    const other = this.#pages.find((each) => each !== page);
    await this.#watchLead(other, () => page.reload());
    this.#counts.add('tab reloaded');
  }

  async #close(): Promise<void> {
    const page = pick(this.#pages, this.#random);
    if (await isAsked(page)) return;
    this.#pages.splice(this.#pages.indexOf(page), 1);
    await this.#watchLead(this.#pages[0], () => page.close());
    this.#counts.add('tab closed');
  }

  /** Counts a hand-over where another Worker leads afterwards. */
  async #watchLead(other: Page | undefined, leave: () => Promise<unknown>): Promise<void> {
    if (other === undefined) return;
    const before = await leader(other);
    const start = performance.now();
    const left = leave();
    // A tab that only followed changes nothing.
    await until('A change of the leader', 1000, async () => ![before, null].includes(await leader(other))).then(
      () => {
        this.handOvers++;
        this.#changes.add(performance.now() - start);
      },
      () => undefined,
    );
    await left;
  }
}

/** The person is asked whether to leave, because no other tab has everything yet, and stays. */
function isAsked(page: Page): Promise<boolean> {
  return page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
}

/** Who holds the engine's lock; `null` while it changes hands. */
function leader(page: Page): Promise<string | null> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    return held.find(({ name }) => name === 'tabswarm-engine')?.clientId ?? null;
  });
}

/** An input that takes longer hangs. */
const mostTakeMs = 5 * 60_000;

const counts = new Counts();
const changes = new Distribution('from leaving a tab to the next leader');
const stalls = new Distribution('longest stall of the receiver in a sequence');

/** Somebody outside downloads while tabs come and go; everything that was dropped can be had in the end. */
async function takeSequence(lab: Lab, random: Random): Promise<void> {
  const { url } = await lab.tracker();
  const outside = await (await lab.browser()).page();
  await openApp(outside, url);
  const links = [];
  for (const seed of [1, 2, 3]) {
    const { path } = await lab.payload(`outside ${seed}.bin`, seed * mebibyte, random.below(2 ** 30));
    await openApp(outside, url);
    links.push(await share(outside, path));
  }
  const browser = await lab.browser();
  await withSettings(browser.context, random.below(2) === 0 ? 'keepCopy=no' : 'keepCopy=auto');
  const tabs = new Tabs(lab, url, browser, links, random);
  await tabs.open();
  await tabs.open();
  const magnet = await tabs.drop(largeBytes);

  const receiver = await lab.browser();
  await withSettings(receiver.context, `limitDown=${receiverBytesPerSecond}`);
  const page = await receiver.page();
  await openApp(page, url, { autostart: true, save: 'blob', magnet });
  await verifiedShare(page, 0.01);
  await watchProgress(page);
  while (tabs.handOvers < handOversPerSequence) await tabs.act();
  await complete(page);
  const stallMs = 1000 * (await longestStallSeconds(page));
  stalls.add(stallMs);
  await tabs.expectAllComplete();
  await expectDrops(lab, page, tabs);
  expectThat(stallMs <= mostStallMs, `the receiver stalled for ${stallMs.toFixed(0)} ms`);
}

/** The receiver gets all drops, exact to the byte. */
async function expectDrops(lab: Lab, page: Page, { drops }: Tabs): Promise<void> {
  for (const { magnet, payload } of drops) {
    await page.evaluate((link) => (location.hash = link), magnet);
    await complete(page);
    const name = payload.path.slice(payload.path.lastIndexOf('/') + 1);
    expectThat((await saved(page, name, lab.directory)) === payload.hash, `${name} was saved with other bytes`);
  }
}

export const handOverTargets: readonly Target[] = [
  {
    name: 'tab hand-overs',
    take: async (random) => {
      const lab = new Lab();
      try {
        await within(mostTakeMs, 'A sequence', takeSequence(lab, random));
        return 0;
      } finally {
        await lab.close();
      }
    },
    inputs: handOversPerSequence,
    unit: 'hand-overs',
    mostMs: Infinity,
    notes: () => [...counts.lines(), ...changes.lines(), ...stalls.lines()],
  },
];
