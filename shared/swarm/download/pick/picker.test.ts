import { expect, test } from 'vitest';
import type { LinkId, PieceIndex } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { seededRandom } from '../../../random.ts';
import { Geometry } from '../../../torrent/geometry.ts';
import { Availability } from './availability.ts';
import { Bitfield } from '../../lib/bitfield.ts';
import { defaultConfig } from '../../config.ts';
import type { Chooser } from './chooser.ts';
import { Picker } from './picker.ts';
import { blockKey } from '../block-key.ts';
import { Pipeline } from '../pipeline.ts';
import { PartialPieces } from '../partial-pieces.ts';

const blocksPerPiece = 2;

/** Before anybody was asked. */
const piecesPerExtent = defaultConfig.shortExtentBytes / (blocksPerPiece * blockBytes);

const ascending = (a: number, b: number): number => a - b;

interface Drawing {
  /** `#` is a piece we have. */
  readonly have: string;
  /** One string a peer, `#` a piece it has; the first peer is the one that is asked. */
  readonly peers: readonly string[];
  /** Priority digit per piece; all 1 where it is left out. */
  readonly want?: string;
  readonly onParole?: boolean;
  readonly seed?: number;
  /** How much is asked of a peer at once. */
  readonly firstWindowBlocks?: number;
}

/** Draws a swarm and returns its parts. Pieces have two blocks. */
function draw({ have, peers, want = '1'.repeat(have.length), onParole = false, seed = 1, firstWindowBlocks = 64 }: Drawing) {
  const geometry = new Geometry(blocksPerPiece * blockBytes, [{ length: have.length * blocksPerPiece * blockBytes, padding: false }]);
  const ours = new Bitfield(have.length);
  for (let piece = 0; piece < have.length; piece++) if (have[piece] === '#') ours.set(piece);
  const availability = new Availability(have.length);
  const partialPieces = new PartialPieces();
  const picker = new Picker(geometry, { ...defaultConfig, randomFirstPieces: 0 }, ours, availability, partialPieces, seededRandom(seed));
  for (let piece = 0; piece < have.length; piece++) picker.setPriority(piece, Number(want[piece]));
  for (const peer of peers) {
    for (let piece = 0; piece < peer.length; piece++) {
      if (peer[piece] !== '#') continue;
      availability.add(piece);
      picker.shift(piece, 1);
    }
  }
  const chooser = (index: number): Chooser => ({
    link: (index + 1) as LinkId,
    onParole,
    pipeline: new Pipeline({ ...defaultConfig, firstWindowBlocks }),
    suggested: [],
    only: null,
    has: (piece) => peers[index]![piece] === '#',
  });
  return { picker, partialPieces, chooser };
}

/** Picks as often as it can for the first peer, and draws how often each piece was picked. */
function pickAll(drawing: Drawing): PieceIndex[] {
  const { picker, partialPieces, chooser } = draw(drawing);
  const peer = chooser(0);
  const picked: PieceIndex[] = [];
  for (let next = picker.pick(peer); next !== null; next = picker.pick(peer)) {
    partialPieces.ask(next.piece, next.block);
    picked.push(next.piece.piece);
  }
  return picked;
}

test('the rarest piece comes first, and a begun piece is finished before the next', () => {
  expect(pickAll({ have: '.....', peers: ['#####', '##.##', '#..##', '#...#'] })).toEqual([2, 2, 1, 1, 3, 3, ...expectOrderOf([0, 4])]);
  function expectOrderOf(ties: PieceIndex[]): unknown[] {
    return ties.flatMap(() => [expect.any(Number), expect.any(Number)]);
  }
});

test('only what we miss, want, and the peer has', () => {
  expect(pickAll({ have: '#..#.', peers: ['##..#'] }).toSorted(ascending)).toEqual([1, 1, 4, 4]);
  expect(pickAll({ have: '...', peers: ['###'], want: '101' }).toSorted(ascending)).toEqual([0, 0, 2, 2]);
});

test('priority counts before rarity', () => {
  expect(pickAll({ have: '...', peers: ['###', '##.', '##.'], want: '171' }).slice(0, 4)).toEqual([1, 1, 2, 2]);
});

test('ties are broken at random: any extent, from its beginning', () => {
  const everything = '#'.repeat(4 * piecesPerExtent);
  const first = (seed: number): PieceIndex => {
    const { picker, chooser } = draw({ have: '.'.repeat(everything.length), peers: [everything], seed });
    return picker.pick(chooser(0))!.piece.piece;
  };
  const firsts = new Set(Array.from({ length: 60 }, (_, seed) => first(seed)));
  expect([...firsts].sort(ascending)).toEqual([0, 1, 2, 3].map((extent) => extent * piecesPerExtent));
});

test('an extent is continued past missing pieces, and left for rarer ones', () => {
  const { picker, partialPieces, chooser } = draw({ have: '#..#...', peers: ['#######', '######.'], want: '1111111' });
  const peer = chooser(0);
  const start = (): PieceIndex => {
    const { piece } = picker.pick(peer)!;
    for (let block = 0; block < blocksPerPiece; block++) partialPieces.ask(piece, block);
    return piece.piece;
  };
  expect(Array.from({ length: 5 }, start)).toEqual([6, 1, 2, 4, 5]);
});

test('a peer on parole gets two whole pieces of its own and no block of a shared one', () => {
  const { picker, partialPieces, chooser } = draw({ have: '....', peers: ['####', '####'], onParole: true });
  const suspect = chooser(0);
  const pieces = new Set<PieceIndex>();
  for (let next = picker.pick(suspect); next !== null; next = picker.pick(suspect)) {
    partialPieces.ask(next.piece, next.block);
    expect(next.piece.exclusiveTo).toBe(suspect.link);
    pieces.add(next.piece.piece);
  }
  expect(pieces.size).toBe(2);
  const other = { ...chooser(1), onParole: false };
  for (let next = picker.pick(other); next !== null; next = picker.pick(other)) {
    partialPieces.ask(next.piece, next.block);
    expect(pieces.has(next.piece.piece)).toBe(false);
  }
});

test('a piece that failed with several givers is next requested from one peer alone', () => {
  const { picker, chooser } = draw({ have: '.', peers: ['#'] });
  picker.taint(0);
  expect(picker.pick(chooser(0))!.piece.exclusiveTo).toBe(1);
});

test('end game: a block is requested twice only when nothing else is left and the second peer is much faster', () => {
  const { picker, partialPieces, chooser } = draw({ have: '..', peers: ['##', '##'] });
  const slow = chooser(0);
  const fast = chooser(1);
  const others = (slowMs: number, fastMs: number) => ({
    everyHolder: (key: number, test: (link: LinkId) => boolean) => [slow, fast].every((peer) => !peer.pipeline.has(key) || test(peer.link)),
    drainMs: (link: LinkId) => (link === slow.link ? slowMs : fastMs),
  });
  const ask = (next: ReturnType<Picker['pick']>): void => {
    partialPieces.ask(next!.piece, next!.block);
    slow.pipeline.asked(0, blockKey(next!.piece.piece, next!.block));
  };
  ask(picker.pick(slow));
  expect(picker.pickInEndGame(fast, others(9000, 10))).toBeNull();
  for (let i = 0; i < 3; i++) ask(picker.pick(slow));
  expect(picker.pick(fast)).toBeNull();
  expect(picker.pickInEndGame(fast, others(100, 90))).toBeNull();
  const duplicate = picker.pickInEndGame(fast, others(9000, 10));
  expect(duplicate).not.toBeNull();
  partialPieces.ask(duplicate!.piece, duplicate!.block);
  expect(duplicate!.piece.askersOf(duplicate!.block)).toBe(2);
  expect(picker.pickInEndGame(slow, others(1, 9000))?.block).not.toBe(duplicate!.block);
});

test('a failed piece can be picked again', () => {
  const { picker, partialPieces, chooser } = draw({ have: '.', peers: ['#'] });
  const peer = chooser(0);
  const first = picker.pick(peer)!;
  for (const block of [0, 1]) {
    partialPieces.ask(first.piece, block);
    partialPieces.receive(first.piece, block, peer.link);
    partialPieces.unask(first.piece, block);
  }
  partialPieces.verify(first.piece);
  expect(picker.pick(peer)).toBeNull();
  partialPieces.verified(0);
  picker.release(0);
  expect(picker.pick(peer)?.piece.piece).toBe(0);
});

/** The pieces a fresh picker starts for its first source, one after another, while so many sources are worked with. */
function startedWith(sources: number, pieceCount: number, firstWindowBlocks = 64): PieceIndex[] {
  const everything = '#'.repeat(pieceCount);
  const peers = Array.from({ length: sources }, () => everything);
  const { picker, partialPieces, chooser } = draw({ have: '.'.repeat(pieceCount), peers, firstWindowBlocks });
  const start = (index: number): PieceIndex => {
    const { piece, block } = picker.pick(chooser(index))!;
    for (let asked = block; asked < blocksPerPiece; asked++) partialPieces.ask(piece, asked);
    return piece.piece;
  };
  for (let source = 1; source < sources; source++) start(source);
  return Array.from({ length: pieceCount / 4 }, () => start(0));
}

/** How many pieces follow each other before one does not. */
function meanRun(pieces: readonly PieceIndex[]): number {
  const breaks = pieces.filter((piece, at) => at > 0 && piece !== pieces[at - 1]! + 1).length;
  return pieces.length / (breaks + 1);
}

test('neighbouring pieces are requested from one source: 4 MiB from a single one, 1 MiB from each of a few quick ones', () => {
  const perMebibyte = (1024 * 1024) / (blocksPerPiece * blockBytes);
  const [one, few, crowd] = [1, 4, 5].map((sources) => startedWith(sources, 2048)) as [PieceIndex[], PieceIndex[], PieceIndex[]];
  // Two extents that lie together may come one after the other.
  expect(meanRun(one)).toBeGreaterThanOrEqual(4 * perMebibyte);
  expect(meanRun(few)).toBeGreaterThan(0.9 * perMebibyte);
  expect(meanRun(few)).toBeLessThan(1.5 * perMebibyte);
  expect(meanRun(crowd)).toBeLessThan(1.5);
  expect(meanRun(startedWith(4, 2048, 63))).toBeLessThan(1.5);
});

/** Two peers that have all; the first suggests. Picks for it, after the second began piece 7 or did not, as often as it can. */
function startedBeside(suggested: readonly PieceIndex[], second = true): PieceIndex[] {
  const { picker, partialPieces, chooser } = draw({ have: '........', peers: ['########', '########'] });
  const [seed, other] = [
    { ...chooser(0), suggested: [...suggested] },
    { ...chooser(1), suggested: [7] },
  ];
  if (second) partialPieces.ask(picker.pick(other)!.piece, 0);
  const picked: PieceIndex[] = [];
  for (let next = picker.pick(seed); next !== null; next = picker.pick(seed)) {
    partialPieces.ask(next.piece, next.block);
    seed.pipeline.asked(0, blockKey(next.piece.piece, next.block));
    picked.push(next.piece.piece);
  }
  return picked;
}

test('a peer whose suggestions are to come is asked for nothing else beside other sources', () => {
  expect(startedBeside([3, 5])).toEqual([3, 3, 5, 5]);
});

test('a peer that suggests what comes from another, or suggests while it is the only source, is asked for all it has', () => {
  expect(new Set(startedBeside([7])).size).toBe(8);
  expect(new Set(startedBeside([3], false)).size).toBe(8);
});

const alone = { everyHolder: () => true, drainMs: () => 0 };

/** Picks as `fill` does, with deadlines, and gives each piece it began. */
function pickUrgently(drawing: Drawing, deadlines: readonly PieceIndex[]): PieceIndex[] {
  const { picker, partialPieces, chooser } = draw(drawing);
  const peer = chooser(0);
  picker.setDeadlines(deadlines);
  const next = () => picker.pickUrgent(peer, alone) ?? picker.pick(peer);
  const picked: PieceIndex[] = [];
  for (let pick = next(); pick !== null; pick = next()) {
    partialPieces.ask(pick.piece, pick.block);
    if (picked.at(-1) !== pick.piece.piece) picked.push(pick.piece.piece);
  }
  return picked;
}

test('pieces with a deadline come first and in their order, then the rarest again', () => {
  const peers = ['######', '.#####', '.##.##'];
  expect(pickUrgently({ have: '......', peers }, [5, 1, 2])).toEqual([5, 1, 2, 0, 3, 4]);
});

test('a deadline asks for no piece that is here, not wanted, or not to be had from this peer', () => {
  expect(pickUrgently({ have: '#.....', peers: ['####.#', '######'], want: '110111' }, [0, 2, 4, 5])).toEqual([
    5,
    expect.any(Number),
    expect.any(Number),
  ]);
});

test('a peer on parole begins two urgent pieces alone and no third', () => {
  expect(pickUrgently({ have: '....', peers: ['####'], onParole: true }, [3, 2, 1])).toEqual([3, 2]);
});

test('an urgent block is asked of a second peer that should be much sooner, also while other pieces are left', () => {
  const { picker, partialPieces, chooser } = draw({ have: '....', peers: ['####', '####'] });
  const [slow, fast] = [chooser(0), chooser(1)];
  const others = (slowMs: number) => ({
    everyHolder: (key: number, test: (link: LinkId) => boolean) => !slow.pipeline.has(key) || test(slow.link),
    drainMs: (link: LinkId) => (link === slow.link ? slowMs : 10),
  });
  picker.setDeadlines([2]);
  for (let block = 0; block < blocksPerPiece; block++) {
    const { piece } = picker.pickUrgent(slow, others(9000))!;
    partialPieces.ask(piece, block);
    slow.pipeline.asked(0, blockKey(piece.piece, block));
  }
  expect(picker.pickUrgent(fast, others(900))).toBeNull();
  expect(picker.pickUrgent(fast, others(9000))?.piece.piece).toBe(2);
  expect(picker.pickUrgent({ ...fast, onParole: true }, others(9000))).toBeNull();
});

test('a web seed is asked for the piece with a deadline before the rarest', () => {
  const { picker } = draw({ have: '....', peers: ['####', '.###'] });
  picker.setDeadlines([3]);
  expect(picker.startWhole(9 as LinkId, () => true)?.piece).toBe(3);
});
