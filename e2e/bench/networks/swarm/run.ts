import { availableParallelism, cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright';
import { completeWithoutPolling, openApp, share } from '../../../harness/app/app.ts';
import { snapshot } from '../../../harness/app/border.ts';
import type { Chromium } from '../../../harness/browsers/chromium.ts';
import type { Lab } from '../../../harness/lab.ts';
import type { Network } from '../../../harness/networks/network.ts';
import { cpuSeconds } from '../../../harness/system/processes.ts';
import { openSite } from '../contestants.ts';
import type { SwarmSample } from './figures.ts';

/** A swarm with everything prepared. */
interface PreparedSwarm {
  /** Adds the torrent to a leech; resolves when it has verified all of it. */
  download(leech: Page): Promise<void>;
  /** Bytes of blocks that the seed has sent. */
  seedSent(): Promise<number>;
}

export interface SwarmContestant {
  readonly name: string;
  prepare(network: Network, seed: Page, leeches: readonly Page[], file: string): Promise<PreparedSwarm>;
}

/** Our page hears of its engine at least so often while it changes. */
const snapshotMs = 1000;

export const tabswarmSwarm: SwarmContestant = {
  name: 'Tabswarm',
  async prepare(network, seed, leeches, file) {
    await openApp(seed, network.appUrl);
    const magnet = await share(seed, file);
    for (const leech of leeches) await openApp(leech, network.appUrl, { autostart: true });
    return {
      async download(leech) {
        await leech.getByTestId('link-input').fill(magnet);
        await leech.getByTestId('link-submit').click();
        await completeWithoutPolling(leech);
      },
      async seedSent() {
        await pause(snapshotMs);
        return (await snapshot(seed)).upBytes;
      },
    };
  },
};

/** With its defaults, on our tracker. */
export const webTorrentSwarm: SwarmContestant = {
  name: 'WebTorrent',
  async prepare(network, seed, leeches, file) {
    for (const page of [seed, ...leeches]) {
      await openSite(page, 'webtorrent', network);
      await page.waitForFunction(() => window.webtorrent !== undefined);
    }
    await seed.locator('input').setInputFiles(file);
    const { magnet, infoHash } = await seed.evaluate((announce) => window.webtorrent.seed(announce), [network.announceUrl]);
    return {
      async download(leech) {
        await leech.evaluate((link) => window.webtorrent.add(link, []), magnet);
        await leech.evaluate((hash) => window.webtorrent.finished(hash), infoHash);
      },
      seedSent: () => seed.evaluate((hash) => window.webtorrent.status(hash).uploaded, infoHash),
    };
  },
};

/** Runs one swarm, a browser of the lab in each home; the first home seeds. */
export async function runSwarm(lab: Lab, network: Network, contestant: SwarmContestant, file: string, bytes: number): Promise<SwarmSample> {
  const browsers: Chromium[] = [];
  for (const { person } of network.homes) browsers.push(await network.browser(lab, person));
  const [seed, ...leeches] = (await Promise.all(browsers.map((browser) => browser.page()))) as [Page, ...Page[]];
  const swarm = await contestant.prepare(network, seed, leeches, file);
  const cpu = (): number => browsers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const [cpuBefore, coresBefore] = [cpu(), coreTimes()];
  const leechSeconds = await Promise.all(leeches.map((leech) => secondsOf(() => swarm.download(leech))));
  const cpuSpent = cpu() - cpuBefore;
  return {
    leechSeconds: leechSeconds.toSorted((a, b) => a - b),
    cpuMsPerMegabyte: (cpuSpent * 1000) / ((bytes * leeches.length) / 1e6),
    browserShare: cpuSpent / Math.max(...leechSeconds) / availableParallelism(),
    machineShare: busyShare(coresBefore, coreTimes()),
    seedCopies: (await swarm.seedSent()) / bytes,
  };
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

interface CoreTimes {
  readonly busy: number;
  readonly all: number;
}

/** What the machine's cores did since it started, together, in milliseconds. */
function coreTimes(): CoreTimes {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}

function busyShare(before: CoreTimes, after: CoreTimes): number {
  return (after.busy - before.busy) / (after.all - before.all);
}
