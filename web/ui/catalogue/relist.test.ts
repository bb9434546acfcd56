import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import type { ListedShare, Listing } from '../../../shared/tracker/listing.ts';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { snapshot } from '../fixtures/snapshots.ts';
import { readListed, rememberListed } from './listed-shares.ts';
import { Relister } from './relist.ts';

const tracker = 'wss://tabswarm.example/announce';
const { infoHash } = snapshot({});

function seeded(state: TorrentSnapshot['trackers'][number]['state']): TorrentSnapshot[] {
  return [snapshot({ phase: 'seeding', trackers: [{ url: tracker, state, failure: '' }] })];
}

/** A catalogue that refuses the first `refusals` listings. `meanwhile` happens while it lists. */
function setting(refusals = 0, meanwhile?: () => void) {
  const listed: Listing[] = [];
  const waits: number[] = [];
  let refused = 0;
  const relister = new Relister({
    fetchShare: () => Promise.resolve(listed.length === 0 ? null : (listed[0] as ListedShare)),
    listShare: async (listing) => {
      if (refused++ < refusals) throw new Error('not seeded');
      meanwhile?.();
      listed.push(listing);
    },
    unlistOwnShare: (unlisted) => Promise.resolve(listed.splice(0, unlisted === infoHash ? 1 : 0)),
    readListed,
    wait: (ms) => Promise.resolve(void waits.push(ms)),
  });
  return { relister, listed, waits };
}

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  rememberListed(infoHash as InfoHash, true);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a listed share is listed again when the tracker comes back without it, and asked for once', async () => {
  const { relister, listed, waits } = setting();
  for (const state of ['working', 'working', 'failing', 'connecting'] as const) relister.look(seeded(state), tracker);
  await vi.waitFor(() => expect(listed).toHaveLength(1));
  expect(listed[0]).toMatchObject({ infoHash, name: 'Summer in Lisbon' });
  relister.look(seeded('working'), tracker);
  await vi.waitFor(() => expect(waits).toHaveLength(2));
  expect(listed).toHaveLength(1);
});

test('what the tracker refuses is tried three times', async () => {
  const { relister, listed, waits } = setting(9);
  relister.look(seeded('working'), tracker);
  await vi.waitFor(() => expect(waits).toEqual([1000, 3000, 10_000]));
  expect(listed).toEqual([]);
  const patient = setting(2);
  patient.relister.look(seeded('working'), tracker);
  await vi.waitFor(() => expect(patient.listed).toHaveLength(1));
});

test('shares that were not listed, that nobody could download here, or of other trackers stay unlisted', async () => {
  const { relister, waits } = setting();
  relister.look(seeded('working'), 'wss://other.example/announce');
  relister.look([snapshot({ phase: 'paused', trackers: [{ url: tracker, state: 'working', failure: '' }] })], tracker);
  rememberListed(infoHash as InfoHash, false);
  relister.look(seeded('working'), tracker);
  await Promise.resolve();
  expect(waits).toEqual([]);
});

test('what is unlisted while we wait stays unlisted', async () => {
  const { relister, listed, waits } = setting();
  relister.look(seeded('working'), tracker);
  rememberListed(infoHash as InfoHash, false);
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  await new Promise(setImmediate);
  expect(listed).toEqual([]);
});

test('what is unlisted while the tracker lists it again is unlisted after that', async () => {
  const unlist = vi.fn<() => void>(() => rememberListed(infoHash as InfoHash, false));
  const { relister, listed } = setting(0, unlist);
  relister.look(seeded('working'), tracker);
  await vi.waitFor(() => expect(unlist).toHaveBeenCalledOnce());
  await vi.waitFor(() => expect(listed).toEqual([]));
});
