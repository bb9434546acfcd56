import { expect, test } from 'vitest';
import type { LinkId } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { Geometry } from '../../../torrent/geometry.ts';
import { utf8 } from '../../../bytes.ts';
import { Bitfield } from '../../lib/bitfield.ts';
import type { Effect } from '../../events.ts';
import { lonely } from '../../testing/lone-torrent.ts';

const mebibyte = 1024 * 1024;
const records = 100;
const geometry = new Geometry(mebibyte, [{ length: records * mebibyte, padding: false }]);

/** A seed of a hundred records with so many unchoked peers. It suggests nothing, so that it holds back nothing that was suggested to others. */
function seedFor(peers: number) {
  const seed = lonely({ uploads: peers, seedPolicy: 'plain' });
  seed.step({ kind: 'resume' });
  seed.step({ kind: 'metadata', geometry, infoBytes: new Uint8Array(1_000_000), have: Bitfield.full(records).bytes });
  for (let link = 1; link <= peers; link++) {
    seed.shakeHands(link.toString(16).padStart(2, '0').slice(-1), { from: link as LinkId });
    seed.hear({ type: 'haveNone' }, link as LinkId);
    seed.hear({ type: 'interested' }, link as LinkId);
  }
  const request = (link: number, piece: number, begin = 0): Effect[] =>
    seed.hear({ type: 'request', piece, begin, length: 1 }, link as LinkId);
  return { ...seed, request };
}

const readBytesOf = (effects: Effect[]): number =>
  effects.reduce((sum, effect) => sum + (effect.kind === 'sendBlock' ? effect.readBytes : 0), 0);

test('one-byte requests of one peer make no more than 4 MiB be read at once, and go on as reads end', () => {
  const { request, step } = seedFor(1);
  const effects = Array.from({ length: records }, (_, piece) => request(1, piece)).flat();
  expect(readBytesOf(effects)).toBe(4 * mebibyte);
  expect(readBytesOf(step({ kind: 'readDone', link: 1 as LinkId, bytes: 2 * mebibyte }))).toBe(2 * mebibyte);
});

test('blocks of one record share its read', () => {
  const { request } = seedFor(1);
  const effects = Array.from({ length: 60 }, (_, block) => request(1, 0, block * blockBytes)).flat();
  expect(effects).toHaveLength(60);
  expect(readBytesOf(effects)).toBe(mebibyte);
});

test('all peers together make no more than 32 MiB be read, and those that waited come next', () => {
  const { request, step } = seedFor(12);
  const effects = Array.from({ length: 12 }, (_, at) => Array.from({ length: 8 }, (__, piece) => request(at + 1, at * 8 + piece)).flat());
  expect(readBytesOf(effects.flat())).toBe(32 * mebibyte);
  const next = step({ kind: 'readDone', link: 1 as LinkId, bytes: 4 * mebibyte });
  expect(readBytesOf(next)).toBe(4 * mebibyte);
  step({ kind: 'linkClosed', link: 2 as LinkId });
  const afterClosed = step({ kind: 'readDone', link: 2 as LinkId, bytes: 4 * mebibyte });
  expect(afterClosed.flatMap((effect) => (effect.kind === 'sendBlock' ? [effect.link] : []))).toContain(9);
});

test('metadata requests are answered as the network takes the answers', () => {
  const seed = seedFor(0);
  const link = 1 as LinkId;
  seed.step({ kind: 'linkOpened', link, initiator: false });
  seed.hear({ type: 'handshake', infoHash: 'a'.repeat(40) as never, peerId: 'b'.repeat(40) as never, fast: true, extended: true });
  seed.hear({ type: 'extended', id: 0, payload: utf8('d1:md11:ut_metadatai3eee') });
  const ask = (piece: number): Effect[] => seed.hear({ type: 'extended', id: 1, payload: utf8(`d8:msg_typei0e5:piecei${piece}ee`) });
  const answered = (effects: Effect[]): number => effects.filter(({ kind }) => kind === 'sendMetadata').length;
  const effects = Array.from({ length: 3000 }, (_, at) => ask(at % 60)).flat();
  expect(answered(effects)).toBe(16);
  expect(answered(seed.step({ kind: 'drained', link, bytes: 2 * 16_500 }))).toBe(2);
  expect(seed.torrent.status().upBytes).toBe(0);
});
