import { render } from 'svelte/server';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TorrentSnapshot } from '../bridge/protocol.ts';
import { EngineMirror } from '../state/engine-mirror.svelte.ts';
import { HostOffers } from '../state/host-offers.svelte.ts';
import { InstallOffer } from '../state/install-offer.svelte.ts';
import { PageLanguage } from '../language/page-language.svelte.ts';
import { Router } from '../state/route.svelte.ts';
import { Settings } from '../state/settings.svelte.ts';
import { FixtureEngine } from './fixtures/fixture-engine.ts';
import { files, states, variants } from './fixtures/snapshots.ts';
import Main from './Main.svelte';
import type { UiState } from './text/ui-state.ts';

beforeAll(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('localStorage', { getItem: () => null });
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
});

afterAll(() => vi.unstubAllGlobals());

/** The page's HTML with this torrent in view. */
async function pageOf(torrent: TorrentSnapshot): Promise<string> {
  vi.stubGlobal('location', new URL(`https://tabswarm.example/#/torrent/${torrent.id}`));
  const settings = new Settings();
  const engine = new EngineMirror({
    makePort: () => new FixtureEngine([torrent], files, []),
    host: Promise.resolve(() => ({ obey: () => undefined, close: () => undefined })),
    trackers: [],
    allTrackers: Promise.resolve([]),
    preferences: () => settings.preferences,
  });
  await engine.start();
  const view = engine.find(torrent.id);
  if (view !== undefined && torrent.fileCount > 0) await engine.loadFiles(view);
  const router = new Router(() => false);
  const offers = new HostOffers({ current: { trackers: [] }, onAnswer: () => undefined });
  const { body } = render(Main, {
    props: { engine, router, settings, offers, language: new PageLanguage(), install: new InstallOffer() },
  });
  if (!body.includes(torrent.name)) throw new Error('the page does not show the torrent');
  return body;
}

/** States in which somebody asks why nothing happens, because others have something to do; `tsc` refuses a state that is missing. */
const waits: Readonly<Record<UiState, boolean>> = {
  hashing: false,
  checking: false,
  looking: true,
  connecting: true,
  metadata: true,
  nobody: true,
  noTracker: true,
  notStarted: false,
  starting: false,
  downloading: false,
  unavailable: true,
  choked: true,
  refused: true,
  noSpace: true,
  lostAccess: false,
  lostSomeAccess: true,
  ready: true,
  readyNoTracker: true,
  opened: false,
  sharing: false,
  available: false,
  done: false,
  doneChosen: false,
  savedNotShared: false,
  paused: false,
  pausedComplete: false,
  failed: false,
};

const opensCheck = 'data-testid="connection-check"';

test.each(Object.keys(waits) as UiState[])('the connection check is there exactly where somebody waits: %s', async (state) => {
  expect((await pageOf(states[state])).includes(opensCheck)).toBe(waits[state]);
});

test('it is also there before the click where nobody has it, and on one’s own share that others must send', async () => {
  for (const state of ['notStartedNobody', 'lookingNobody']) expect(await pageOf(variants[state]!)).toContain(opensCheck);
  for (const state of ['unavailable', 'choked', 'refused', 'noSpace'] as const)
    expect(await pageOf({ ...states[state], mine: true })).toContain(opensCheck);
});
