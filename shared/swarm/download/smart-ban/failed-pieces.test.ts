import { expect, test } from 'vitest';
import type { LinkId, PeerId, PieceIndex } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { Geometry } from '../../../torrent/geometry.ts';
import type { Effect } from '../../events.ts';
import { Bitfield } from '../../lib/bitfield.ts';
import { lonely } from '../../testing/lone-torrent.ts';
import { Reputation } from '../../peer/reputation.ts';
import { FailedPieces } from './failed-pieces.ts';
import { PartialPiece } from '../partial-pieces.ts';

const honest = 1 as LinkId;
const liar = 2 as LinkId;
const pieceCount = 40;
const geometry = new Geometry(4 * blockBytes, [{ length: pieceCount * 4 * blockBytes, padding: false }]);

/** A leech with an honest seed and one that lies whenever `lies` says so, until everything is done. */
function download(lies: (piece: PieceIndex, giversSoFar: ReadonlySet<LinkId>) => boolean) {
  const peer = lonely({ piecePolicy: 'finish-begun', firstWindowBlocks: 2, mostWindowBlocks: 2, leastWindowBlocks: 1 });
  const blocks = new Map<PieceIndex, Map<number, { from: LinkId; bad: boolean }>>();
  const spoiled = new Set<PieceIndex>();
  const banned: PeerId[] = [];
  const closed = new Set<LinkId>();
  const hashesOf = (piece: PieceIndex): Float64Array =>
    Float64Array.from({ length: 4 }, (_, block) => (blocks.get(piece)?.get(block * blockBytes)?.bad === true ? 99 : block));
  const queue: Effect[] = [];
  const perform = (effect: Effect): void => {
    if (effect.kind === 'ban') banned.push(effect.who.peerId);
    if (effect.kind === 'close') closed.add(effect.link);
    if (effect.kind === 'discard') blocks.delete(effect.piece);
    if (effect.kind === 'verify') {
      const { piece } = effect;
      const hashes = hashesOf(piece);
      const ok = !hashes.includes(99);
      if (!ok) spoiled.add(piece);
      blocks.delete(piece);
      queue.push(...peer.step({ kind: 'verified', piece, ok, ...(ok && !effect.hashBlocks ? {} : { blockHashes: hashes }) }));
    }
    if (effect.kind !== 'send' || effect.message.type !== 'request' || closed.has(effect.link)) return;
    const { piece, begin, length } = effect.message;
    const here = blocks.get(piece) ?? new Map<number, { from: LinkId; bad: boolean }>();
    blocks.set(piece, here);
    const bad = effect.link === liar && lies(piece, new Set([...here.values()].map(({ from }) => from)));
    here.set(begin, { from: effect.link, bad });
    queue.push(...peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, effect.link));
  };
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'metadata', geometry, infoBytes: new Uint8Array(9), have: new Bitfield(pieceCount).bytes });
  peer.step({ kind: 'want', priorities: new Uint8Array(pieceCount).fill(1) });
  for (const [from, id] of [
    [honest, 'b'],
    [liar, 'c'],
  ] as const) {
    peer.shakeHands(id, { from });
    peer.hear({ type: 'haveAll' }, from);
    queue.push(...peer.hear({ type: 'unchoke' }, from));
  }
  for (let rounds = 0; rounds < 5000 && !peer.torrent.isComplete; rounds++) {
    // Taken from both ends in turn, so that the two peers share pieces.
    const effect = rounds % 2 === 0 ? queue.shift() : queue.pop();
    if (effect === undefined) queue.push(...peer.pass(1000));
    else perform(effect);
  }
  return { isComplete: peer.torrent.isComplete, banned, spoiled };
}

test('a two-faced liar, honest with a piece of its own, is convicted by the first good copy', () => {
  const { isComplete, banned, spoiled } = download((_, givers) => givers.has(honest));
  expect(spoiled.size).toBeGreaterThan(0);
  expect(banned).toEqual(['c'.repeat(40)]);
  expect(isComplete).toBe(true);
});

test('without a lie nobody is convicted', () => {
  expect(download(() => false)).toEqual({ isComplete: true, banned: [], spoiled: new Set() });
});

test('a good copy names the givers of the blocks that differ, in every failed copy of the piece', () => {
  const reputation = new Reputation(3);
  const records = ([1, 2, 3, 4] as LinkId[]).map((link) => reputation.opened(link, null));
  const failed = new FailedPieces(reputation);
  for (const third of [3, 4] as LinkId[]) {
    const piece = new PartialPiece(7, 3, null, honest);
    for (const [block, from] of [honest, liar, third].entries()) piece.receive(block, from);
    failed.add(0, piece, Float64Array.of(10, 11, third === 3 ? 12 : 99));
  }
  expect([failed.has(7), failed.has(8)]).toEqual([true, false]);
  expect(records.map(({ suspectedIn }) => suspectedIn)).toEqual([2, 2, 1, 1]);
  expect(failed.liars(8, Float64Array.of(0, 0, 0))).toEqual([]);
  expect(failed.liars(7, Float64Array.of(10, 11, 12))).toEqual([records[3]]);
  expect(failed.has(7)).toBe(false);
  expect(records.map(({ suspectedIn }) => suspectedIn)).toEqual([0, 0, 0, 0]);
});

test('a failed piece that nobody gives again makes nobody a suspect for ever', () => {
  const reputation = new Reputation(3);
  const record = reputation.opened(honest, null);
  const failed = new FailedPieces(reputation);
  const piece = new PartialPiece(7, 1, null, honest);
  piece.receive(0, honest);
  failed.add(0, piece, Float64Array.of(1));
  expect([...failed.idle(50_000, () => true)]).toEqual([]);
  expect([...failed.idle(100_000, () => false)]).toEqual([7]);
  expect(record.suspectedIn).toBe(1);
  expect([...failed.idle(110_000, () => false)]).toEqual([]);
  expect([record.suspectedIn, failed.has(7)]).toEqual([0, false]);
});
