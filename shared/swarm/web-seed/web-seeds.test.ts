import { expect, test } from 'vitest';
import type { InfoHash, LinkId, PeerId, PieceIndex } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { Geometry } from '../../torrent/geometry.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { Effect, Event, WebSeedPolicy } from '../events.ts';
import { Torrent } from '../torrent.ts';

const infoHash = 'a'.repeat(40) as InfoHash;
const pieceCount = 40;
const geometry = new Geometry(2 * blockBytes, [{ length: 2 * blockBytes * pieceCount - 100, padding: false }]);
const peerIdOf = (index: number): PeerId => index.toString(16).padStart(2, '0').repeat(20) as PeerId;

/** A page with web seeds, and what it does as time passes. */
function page(options: { own?: number; seeds?: number; policy?: WebSeedPolicy; knows?: boolean; missing?: readonly PieceIndex[] } = {}) {
  const { own = 1, seeds = 1, policy = 'gaps', knows = true, missing = null } = options;
  const have = missing === null ? new Bitfield(pieceCount) : Bitfield.full(pieceCount);
  for (const piece of missing ?? []) have.clear(piece);
  const torrent = new Torrent({ infoHash, peerId: peerIdOf(own) }, seededRandom(own));
  let now = 0;
  const step = (event: Event): Effect[] => {
    const out: Effect[] = [];
    torrent.step(now, event, out);
    return out;
  };
  const know = (): Effect[] => [
    ...step({ kind: 'metadata', geometry, infoBytes: new Uint8Array(100), have: have.bytes }),
    ...step({ kind: 'want', priorities: new Uint8Array(pieceCount).fill(1) }),
  ];
  step({ kind: 'webSeeds', count: seeds, policy });
  const begun = step({ kind: 'resume' });
  if (knows) begun.push(...know());
  const pass = (ms: number): Effect[] => {
    const out: Effect[] = [];
    for (const end = now + ms; now < end;) {
      now += 1000;
      torrent.step(now, { kind: 'tick' }, out);
    }
    return out;
  };
  const hear = (message: WireMessage, from: number): Effect[] => step({ kind: 'messages', link: from as LinkId, messages: [message] });
  const meet = (other: number, field: WireMessage = { type: 'haveNone' }): Effect[] => [
    ...step({ kind: 'linkOpened', link: other as LinkId, initiator: false }),
    ...hear({ type: 'handshake', infoHash, peerId: peerIdOf(other), fast: true, extended: false }, other),
    ...hear(field, other),
  ];
  const bring = (piece: PieceIndex, source = 0): Effect[] =>
    step({ kind: 'fetched', source, piece, bytes: new Uint8Array(geometry.pieceBytes(piece)) });
  /** Answers every fetch, and the fetches that follow, rightly; the pieces that were fetched, and in `dropped` those given up before. */
  const answerAll = (effects: readonly Effect[], dropped: { piece: PieceIndex; fetched: number }[] = []): PieceIndex[] => {
    const queue = [...effects];
    const fetched: PieceIndex[] = [];
    for (let effect = queue.shift(); effect !== undefined; effect = queue.shift()) {
      if (effect.kind === 'discard') dropped.push({ piece: effect.piece, fetched: fetched.length });
      if (effect.kind === 'verify') queue.push(...step({ kind: 'verified', piece: effect.piece, ok: true }));
      if (effect.kind !== 'fetch') continue;
      fetched.push(effect.piece);
      queue.push(...bring(effect.piece, effect.source));
    }
    return fetched;
  };
  return { torrent, step, know, begun, pass, hear, meet, bring, answerAll };
}

type Fetch = Extract<Effect, { kind: 'fetch' }>;

const fetches = (effects: readonly Effect[]) => effects.filter((effect) => effect.kind === 'fetch');
const requestsIn = (effects: readonly Effect[]): number =>
  effects.filter((effect) => effect.kind === 'send' && effect.message.type === 'request').length;

test('without peers it waits for a first announce, then fetches everything once, two pieces at a time', () => {
  const { torrent, begun, pass, answerAll } = page();
  expect(torrent.wakeAt()).toBe(0);
  expect(fetches([...begun, ...pass(2000)])).toEqual([]);
  const first = pass(1000);
  expect(fetches(first)).toHaveLength(2);
  expect(torrent.status().webFetches).toBe(2);
  const fetched = answerAll(first);
  expect(fetched.toSorted((a, b) => a - b)).toEqual(Array.from({ length: pieceCount }, (_, piece) => piece));
  expect(torrent.isComplete).toBe(true);
  expect(torrent.status()).toMatchObject({ downBytes: geometry.totalBytes, wastedBytes: 0, state: 'seeding', webFetches: 0 });
  expect(torrent.wakeAt()).toBe(Number.POSITIVE_INFINITY);
});

test('known peers are waited for, but not for ever', () => {
  const { step, pass } = page();
  step({ kind: 'expected', peers: 3 });
  expect(fetches(pass(9000))).toEqual([]);
  expect(fetches(pass(1000))).toHaveLength(2);
});

test('with a seed in the swarm nothing is fetched', () => {
  const { meet, hear, pass } = page();
  meet(2, { type: 'haveAll' });
  expect(requestsIn(hear({ type: 'unchoke' }, 2))).toBeGreaterThan(0);
  expect(fetches(pass(9000))).toEqual([]);
});

test('a swarm that has everything but gives nothing is helped, one piece at a time', () => {
  const { meet, pass, bring } = page();
  meet(2, { type: 'haveAll' });
  expect(fetches(pass(9000))).toEqual([]);
  const [fetch, ...more] = fetches(pass(2000));
  expect(more).toEqual([]);
  expect(fetches(bring(fetch!.piece))).toHaveLength(1);
});

test('only pieces that no peer has are fetched, and no peer is asked for a piece that is being fetched', () => {
  const { step, meet, hear, pass } = page();
  step({ kind: 'expected', peers: 1 });
  const bits = new Bitfield(pieceCount);
  for (let piece = 2; piece < pieceCount; piece++) bits.set(piece);
  const started = [...meet(2, { type: 'bitfield', bits: bits.bytes }), ...pass(1000)];
  const pieces = fetches([...started, ...pass(4000)]).map(({ piece }) => piece);
  expect(pieces.length).toBeGreaterThan(0);
  expect(pieces.every((piece) => piece < 2)).toBe(true);
  for (const piece of pieces) hear({ type: 'have', piece }, 2);
  const asked = [...hear({ type: 'unchoke' }, 2), ...pass(1000)].flatMap((effect) =>
    effect.kind === 'send' && effect.message.type === 'request' ? [effect.message.piece] : [],
  );
  expect(asked.filter((piece) => pieces.includes(piece))).toEqual([]);
});

test('in the end game no peer is asked for a piece that is being fetched', () => {
  const { step, meet, hear, pass } = page({ missing: [3, 4] });
  step({ kind: 'expected', peers: 1 });
  const bits = new Bitfield(pieceCount);
  bits.set(3);
  meet(2, { type: 'bitfield', bits: bits.bytes });
  hear({ type: 'unchoke' }, 2);
  // It gives a good piece alone, which ends its parole.
  for (const begin of [0, blockBytes]) hear({ type: 'piece', piece: 3, begin, block: new Uint8Array(blockBytes) }, 2);
  step({ kind: 'verified', piece: 3, ok: true });
  expect(fetches(pass(5000))).toHaveLength(1);
  expect(requestsIn([...hear({ type: 'have', piece: 4 }, 2), ...pass(1000)])).toBe(0);
});

test('five pages that know each other share the work: every piece is assigned to exactly one', () => {
  const everyone = [1, 2, 3, 4, 5];
  const shares = everyone.map((own) => {
    const { step, meet, pass, answerAll } = page({ own });
    step({ kind: 'expected', peers: 4 });
    const started = everyone.filter((other) => other !== own).flatMap((other) => meet(other));
    return answerAll([...started, ...pass(1000)]);
  });
  expect(shares.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: pieceCount }, (_, piece) => piece));
  for (const share of shares) expect(share.length).toBeGreaterThan(0);
});

test('a piece assigned to a peer that does not fetch it is fetched after a wait', () => {
  const { step, meet, pass, answerAll, torrent } = page();
  step({ kind: 'expected', peers: 1 });
  answerAll([...meet(2), ...pass(1000)]);
  expect(torrent.have!.count).toBeLessThan(pieceCount);
  const before = torrent.have!.count;
  answerAll(pass(2000));
  expect(torrent.have!.count).toBe(before);
  answerAll(pass(2000));
  expect(torrent.isComplete).toBe(true);
});

test('a corrupt piece convicts the web seed: it is never asked again, another one is', () => {
  const { pass, bring, step } = page({ seeds: 2 });
  const [first, second] = fetches(pass(3000)) as [Fetch, Fetch];
  const brought = bring(first.piece, first.source);
  expect(brought.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['write', 'verify']));
  step({ kind: 'verified', piece: first.piece, ok: false });
  // What it brings of earlier fetches is not even looked at.
  const late = [second, ...fetches(brought)].flatMap(({ piece }) => bring(piece, first.source));
  expect(late.map(({ kind }) => kind)).not.toContain('verify');
  const after = fetches([...late, ...pass(5000)]);
  expect(after.length).toBeGreaterThan(0);
  expect(after.every(({ source }) => source !== first.source)).toBe(true);
});

test('with its only web seed convicted it asks nobody, and needs no ticks', () => {
  const { torrent, pass, bring, step } = page();
  const [first, second] = fetches(pass(3000));
  bring(first!.piece);
  step({ kind: 'verified', piece: first!.piece, ok: false });
  step({ kind: 'fetchFailed', source: 0, piece: second!.piece, retryAfterMs: null });
  expect(fetches(pass(600_000))).toEqual([]);
  expect(torrent.wakeAt()).toBe(Number.POSITIVE_INFINITY);
});

test('a web seed that fails is asked later and later, and no sooner than it says', () => {
  const { pass, step } = page();
  const fail = (effects: readonly Effect[], retryAfterMs: number | null): void => {
    for (const { piece, source } of fetches(effects)) step({ kind: 'fetchFailed', source, piece, retryAfterMs });
  };
  fail(pass(3000).slice(0, 1), null);
  expect(fetches(pass(1000))).toHaveLength(0);
  const again = pass(1000);
  expect(fetches(again)).toHaveLength(1);
  fail(again, 60_000);
  expect(fetches(pass(59_000))).toEqual([]);
  expect(fetches(pass(2000))).toHaveLength(1);
});

test('a piece whose fetch failed can be asked of a peer', () => {
  const { pass, step, meet, hear } = page();
  const [first] = fetches(pass(3000));
  const bits = new Bitfield(pieceCount);
  bits.set(first!.piece);
  meet(2, { type: 'bitfield', bits: bits.bytes });
  expect(requestsIn(hear({ type: 'unchoke' }, 2))).toBe(0);
  expect(requestsIn(step({ kind: 'fetchFailed', source: 0, piece: first!.piece, retryAfterMs: null }))).toBeGreaterThan(0);
});

test('policy never fetches nothing, policy always fetches at once beside the peers', () => {
  const never = page({ policy: 'never' });
  expect(fetches([...never.begun, ...never.pass(60_000)])).toEqual([]);
  expect(never.torrent.wakeAt()).toBe(Number.POSITIVE_INFINITY);
  const always = page({ policy: 'always' });
  always.meet(2, { type: 'haveAll' });
  expect(fetches(always.begun)).toHaveLength(2);
});

test('policy never ends running fetches: peers are asked for their pieces, and late answers are dropped', () => {
  const { pass, step, meet, hear, bring, torrent } = page({ missing: [3, 7] });
  expect(fetches(pass(3000)).map(({ piece }) => piece)).toEqual(expect.arrayContaining([3, 7]));
  meet(2, { type: 'haveAll' });
  expect(requestsIn(hear({ type: 'unchoke' }, 2))).toBe(0);
  const ended = step({ kind: 'webSeeds', count: 1, policy: 'never' });
  expect(ended.filter(({ kind }) => kind === 'stopFetches')).toHaveLength(1);
  expect(requestsIn(ended)).toBeGreaterThan(0);
  expect(torrent.status().webFetches).toBe(0);
  expect(bring(3)).toEqual([]);
  expect(fetches(pass(60_000))).toEqual([]);
});

test('policy never ends the fetch of the metadata, and only another policy starts one again', () => {
  const { pass, step } = page({ knows: false });
  const kinds = (effects: readonly Effect[]): string[] => effects.map(({ kind }) => kind);
  expect(kinds(pass(5000))).toContain('fetchMetadata');
  expect(kinds(step({ kind: 'webSeeds', count: 1, policy: 'never' }))).toEqual(['stopFetches']);
  expect(kinds(pass(5000))).toEqual([]);
  expect(kinds(step({ kind: 'webSeeds', count: 1, policy: 'gaps' }))).toEqual(['fetchMetadata']);
});

test('pause gives up fetches, and late answers are dropped', () => {
  const { pass, step, bring, torrent } = page();
  const [first] = fetches(pass(3000));
  expect(step({ kind: 'pause' }).map(({ kind }) => kind)).toContain('stopFetches');
  expect(bring(first!.piece)).toEqual([]);
  expect(torrent.status().downBytes).toBe(0);
  step({ kind: 'resume' });
  expect(fetches(pass(3000))).toHaveLength(2);
});

test('without metadata and without peers the metadata is fetched, and again after a failure', () => {
  const { pass, step, know } = page({ knows: false });
  const asked = (effects: readonly Effect[]): number => effects.filter(({ kind }) => kind === 'fetchMetadata').length;
  expect(asked(pass(5000))).toBe(1);
  step({ kind: 'fetchFailed', source: 0, piece: null, retryAfterMs: null });
  expect(asked(pass(3000))).toBe(1);
  expect(fetches([...know(), ...pass(1000)])).toHaveLength(2);
});

test('pieces that a peer began are kept while there are others to fetch, and given up one at a time after that', () => {
  const { begun, pass, hear, meet, step, answerAll } = page();
  expect(fetches(begun)).toEqual([]);
  meet(2, { type: 'haveAll' });
  const requests = hear({ type: 'unchoke' }, 2).flatMap((effect) =>
    effect.kind === 'send' && effect.message.type === 'request' && effect.message.begin === 0 ? [effect.message] : [],
  );
  for (const { piece, begin, length } of requests) hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, 2);
  expect(requests).toHaveLength(2);
  step({ kind: 'linkClosed', link: 2 as LinkId });
  const effects = pass(20_000);
  expect(effects.map(({ kind }) => kind)).not.toContain('discard');
  const dropped: { piece: PieceIndex; fetched: number }[] = [];
  const fetched = answerAll(effects, dropped);
  const lastTwo = fetched.slice(-2);
  expect(lastTwo.toSorted((a, b) => a - b)).toEqual(requests.map(({ piece }) => piece).toSorted((a, b) => a - b));
  // Each is given up when its own fetch begins.
  expect(dropped.map(({ piece }) => piece)).toEqual(lastTwo);
  expect(dropped[0]!.fetched).toBeLessThan(dropped[1]!.fetched);
});
