import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../../bytes.ts';
import type { LinkId, PeerId } from '../../../ids.ts';
import type { Effect } from '../../events.ts';
import { infoHash, introductionOf, lonely, sent } from '../../testing/lone-torrent.ts';

const one = 1 as LinkId;
const two = 2 as LinkId;

/** A magnet link and peers that claim sizes. */
function magnet() {
  const torrent = lonely();
  torrent.step({ kind: 'resume' });
  const extended = (link: LinkId, text: string, id = 1, tail = new Uint8Array(0)): Effect[] =>
    torrent.hear({ type: 'extended', id, payload: concatBytes([utf8(text), tail]) }, link);
  const join = (link: LinkId, size: number): Effect[] => {
    const peerId = String(link).repeat(40) as PeerId;
    torrent.step({ kind: 'linkOpened', link, initiator: false, introduction: introductionOf(peerId) });
    torrent.hear({ type: 'handshake', infoHash, peerId, fast: true, extended: true }, link);
    return extended(link, `d1:md11:ut_metadatai3ee13:metadata_sizei${size}ee`, 0);
  };
  const give = (link: LinkId, piece: number, size: number): Effect[] => {
    const length = Math.min(16_384, size - piece * 16_384);
    return extended(link, `d8:msg_typei1e5:piecei${piece}e10:total_sizei${size}ee`, 1, new Uint8Array(length));
  };
  return { ...torrent, extended, join, give };
}

const askedOf = (effects: Effect[]): LinkId[] =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.type === 'extended' && effect.message.id === 3 ? [effect.link] : [],
  );
const verified = (effects: Effect[]): number[] =>
  effects.flatMap((effect) => (effect.kind === 'verifyMetadata' ? [effect.bytes.length] : []));
const bans = (effects: Effect[]): PeerId[] => effects.flatMap((effect) => (effect.kind === 'ban' ? [effect.who.peerId] : []));

test('a peer that claims a wrong size and gives nothing does not hold up the others', () => {
  const { join, give } = magnet();
  expect(askedOf(join(one, 9_000_000))).toEqual([one, one, one, one]);
  expect(askedOf(join(two, 100))).toEqual([two]);
  expect(verified(give(two, 0, 100))).toEqual([100]);
});

test('a size does not outlive the last peer that claims it', () => {
  const { join, give, step, pass } = magnet();
  join(one, 20_000);
  step({ kind: 'linkClosed', link: one });
  expect(askedOf(join(two, 100))).toEqual([two]);
  pass(3000);
  expect(verified(give(two, 0, 100))).toEqual([100]);
});

test('a giver that leaves while its bytes are hashed is blamed, and the next giver of the same size is not', () => {
  const { join, give, step } = magnet();
  join(one, 100);
  expect(verified(give(one, 0, 100))).toEqual([100]);
  step({ kind: 'linkClosed', link: one });
  join(two, 100);
  const effects = step({ kind: 'metadataBad' });
  expect(bans(effects)).toEqual(['1'.repeat(40)]);
  expect(askedOf(effects)).toEqual([two]);
  expect(verified(give(two, 0, 100))).toEqual([100]);
});

test('metadata of two sizes is verified one after the other, and each failure blames its own giver', () => {
  const { join, give, step } = magnet();
  join(one, 100);
  join(two, 200);
  expect(verified(give(one, 0, 100))).toEqual([100]);
  expect(verified(give(two, 0, 200))).toEqual([]);
  const first = step({ kind: 'metadataBad' });
  expect([bans(first), verified(first)]).toEqual([['1'.repeat(40)], [200]]);
  expect(bans(step({ kind: 'metadataBad' }))).toEqual(['2'.repeat(40)]);
});

test('after a failure with two givers one peer gives the metadata alone', () => {
  const { join, give, step } = magnet();
  join(one, 5 * 16_384);
  expect(askedOf(join(two, 5 * 16_384))).toEqual([two]);
  for (const piece of [0, 1, 2, 3]) give(one, piece, 5 * 16_384);
  expect(verified(give(two, 4, 5 * 16_384))).toEqual([5 * 16_384]);
  const effects = step({ kind: 'metadataBad' });
  expect(bans(effects)).toEqual([]);
  expect(new Set(askedOf(effects)).size).toBe(1);
});

test('metadata that waits for its verdict, its giver gone, counts among the eight sizes that are fetched at once', () => {
  const { join, give, step } = magnet();
  const claimed = Array.from({ length: 12 }, (_, index) => ({ link: (10 + index) as LinkId, size: 100 + index }));
  const asked = new Set<LinkId>();
  for (const { link, size } of claimed) for (const other of askedOf(join(link, size))) asked.add(other);
  for (let round = 0; round < 12; round++) {
    for (const { link, size } of claimed) {
      if (!asked.has(link)) continue;
      const effects = [...give(link, 0, size), ...step({ kind: 'linkClosed', link })];
      for (const other of askedOf(effects)) asked.add(other);
    }
  }
  expect(asked.size).toBe(8);
});

const ofOurs = `2d5453${'0'.repeat(34)}` as PeerId;

/** What is said to one of our own as soon as its link is open, by message and extension number. */
function openOurs(torrent: ReturnType<typeof magnet>, link = one): string[] {
  const peerId = ofOurs.replace(/0$/, String(link)) as PeerId;
  const effects = torrent.step({ kind: 'linkOpened', link, initiator: true, introduction: introductionOf(peerId) });
  torrent.hear({ type: 'handshake', infoHash, peerId, fast: true, extended: true }, link);
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return [];
    return effect.message.type === 'extended' ? `extended ${effect.message.id}` : effect.message.type;
  });
}

const sizeOf = (bytes: number): string => `d1:md11:ut_metadatai3ee13:metadata_sizei${bytes}ee`;

test('one of our own is asked together with the handshake, and not again when it has said its size', () => {
  const torrent = magnet();
  torrent.step({ kind: 'askedFor' });
  const requests = Array.from({ length: 4 }, () => 'extended 1');
  expect(openOurs(torrent)).toEqual(['handshake', 'extended 0', 'interested', ...requests]);
  expect(askedOf(torrent.extended(one, sizeOf(20_000), 0))).toEqual([]);
  for (const piece of [2, 3]) torrent.extended(one, `d8:msg_typei2e5:piecei${piece}ee`);
  torrent.give(one, 0, 20_000);
  expect(verified(torrent.give(one, 1, 20_000))).toEqual([20_000]);
});

test('one of our own that lacks the metadata too is asked again when it has it', () => {
  const torrent = magnet();
  openOurs(torrent);
  torrent.extended(one, 'd1:md11:ut_metadatai3eee', 0);
  for (const piece of [0, 1, 2, 3]) torrent.extended(one, `d8:msg_typei2e5:piecei${piece}ee`);
  expect(askedOf(torrent.extended(one, sizeOf(20_000), 0))).toEqual([one, one]);
});

test('one that answers nothing is given up like others, and only the first is asked early', () => {
  const torrent = magnet();
  openOurs(torrent);
  expect(openOurs(torrent, two)).toEqual(['handshake', 'extended 0']);
  torrent.extended(one, sizeOf(100), 0);
  expect(askedOf(torrent.extended(two, sizeOf(100), 0))).toEqual([]);
  expect(askedOf(torrent.pass(5000))).toEqual([two]);
});

test('INTERESTED that was said early is taken back from who has nothing', () => {
  const torrent = magnet();
  torrent.step({ kind: 'askedFor' });
  openOurs(torrent);
  expect(sent(torrent.hear({ type: 'haveNone' }, one))).toEqual(['notInterested']);
});

test('where the peer that shall give all of it alone says no, another is asked', () => {
  const { join, give, step, extended } = magnet();
  const size = 5 * 16_384;
  join(one, size);
  join(two, size);
  for (const piece of [0, 1, 2, 3]) give(one, piece, size);
  give(two, 4, size);
  expect(new Set(askedOf(step({ kind: 'metadataBad' })))).toEqual(new Set([one]));
  expect(askedOf(extended(one, 'd8:msg_typei2e5:piecei0ee'))).toContain(two);
});

test('once the metadata is known nothing more is verified or asked for; who gave bad bytes is blamed all the same', () => {
  const { join, give, step, know } = magnet();
  join(one, 100);
  join(two, 200);
  give(one, 0, 100);
  give(two, 0, 200);
  join(3 as LinkId, 300);
  know();
  const effects = step({ kind: 'metadataBad' });
  expect([bans(effects), verified(effects), askedOf(effects)]).toEqual([['1'.repeat(40)], [], []]);
});

test('who said no once is asked again, though a peer that claims another size gives its pieces one by one', () => {
  const { join, give, extended, pass } = magnet();
  const [refusing, trickling, claimed] = [one, two, 9_000_000];
  expect(askedOf(join(refusing, 100))).toEqual([refusing]);
  extended(refusing, 'd8:msg_typei2e5:piecei0ee');
  join(trickling, claimed);
  const asked: LinkId[] = [];
  for (let piece = 0; piece < 20; piece++) asked.push(...askedOf([...pass(1000), ...give(trickling, piece, claimed)]));
  expect(asked).toContain(refusing);
});
