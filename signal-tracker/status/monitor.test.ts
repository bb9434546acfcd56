import { expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { monitorRows } from './monitor.ts';
import { MemoryStore } from '../swarms/memory-store.ts';
import { id } from '../testing/client.ts';

let connection = 0;

function join(swarms: MemoryStore, infoHash: string, peerId: string, left: number | null): void {
  const who = { infoHash: id(infoHash), peerId: id(peerId), seed: left === 0, left };
  swarms.announce(0, ++connection, { kind: 'announce', ...who, event: 'started', numwant: 5, offers: [], unreachable: [] }, []);
}

const unlisted = () => null;

function hex(name: string): string {
  return Buffer.from(id(name), 'latin1').toString('hex');
}

test('rows have share, peer, percent and role; seeds first', () => {
  const swarms = new MemoryStore(seededRandom(1));
  join(swarms, 'film', 'new', 1000);
  join(swarms, 'film', 'half', 500);
  join(swarms, 'film', 'magnet', null);
  join(swarms, 'film', 'done', 0);
  const peers = [
    { peer: hex('done'), role: 'seed', percent: 100 },
    { peer: hex('new'), role: 'leech', percent: 0 },
    { peer: hex('half'), role: 'leech', percent: 50 },
    { peer: hex('magnet'), role: 'leech', percent: null },
  ];
  expect(monitorRows(swarms.everySwarm(), 10, 10, unlisted)).toEqual([{ share: hex('film'), name: null, seeds: 1, leeches: 3, peers }]);
});

test('with one byte left it is 99 percent', () => {
  const swarms = new MemoryStore(seededRandom(1));
  join(swarms, 'film', 'new', 1e9);
  join(swarms, 'film', 'nearly', 1);
  expect(monitorRows(swarms.everySwarm(), 1, 10, unlisted)[0]!.peers.map(({ percent }) => percent)).toEqual([0, 99]);
});

test('there is no percentage while the size is unknown', () => {
  const swarms = new MemoryStore(seededRandom(1));
  join(swarms, 'film', 'ann', null);
  expect(monitorRows(swarms.everySwarm(), 1, 10, unlisted)[0]!.peers[0]!.percent).toBeNull();
});

test('the largest shares first, older ones first among equals, and at most the peers asked for', () => {
  const swarms = new MemoryStore(seededRandom(1));
  for (const [share, peers] of [3, 1, 5, 3, 4].entries())
    for (let peer = 0; peer < peers; peer++) join(swarms, `s${share}`, `p${peer}`, peer % 2);
  const rows = monitorRows(swarms.everySwarm(), 3, 2, unlisted);
  expect(rows.map(({ share }) => share)).toEqual([hex('s2'), hex('s4'), hex('s0')]);
  expect(rows.map(({ peers }) => peers.map(({ role }) => role))).toEqual([
    ['seed', 'seed'],
    ['seed', 'seed'],
    ['seed', 'seed'],
  ]);
});

test('only publicly listed shares have names', () => {
  const swarms = new MemoryStore(seededRandom(1));
  join(swarms, 'film', 'ann', 0);
  join(swarms, 'songs', 'bob', 0);
  const rows = monitorRows(swarms.everySwarm(), 10, 10, (infoHash) => (infoHash === hex('film') ? 'Summer in Lisbon' : null));
  expect(rows.map(({ name }) => name)).toEqual(['Summer in Lisbon', null]);
});
