import type { BlockRef, LinkId, PeerId, PieceIndex } from '../../ids.ts';
import { blockBytes, metadataPieceBytes } from '../../limits.ts';
import type { Random } from '../../random.ts';
import { writeDontHave } from '../../wire/extensions/dont-have.ts';
import { extensionHandshakeId, localExtensionId, writeExtensionHandshake } from '../../wire/extensions/extension.ts';
import { readMetadataMessage, writeMetadataData } from '../../wire/extensions/metadata.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Strategy } from '../network/strategy.ts';

/** What a strategy may use of the swarm that it attacks. */
export interface StrategyOptions {
  readonly random: Random;
  /** Share of blocks that it corrupts or rejects. */
  readonly badShare: number;
  readonly pieceCount: number;
  /** An honest peer that others know. */
  readonly victim: PeerId;
}

const unchanged = (message: WireMessage): WireMessage => message;

const honest: Strategy = { outgoing: unchanged, block: () => 'honest' };

const without =
  (...types: readonly WireMessage['type'][]) =>
  (message: WireMessage): WireMessage | null =>
    types.includes(message.type) ? null : message;

const chance = (random: Random, share: number): boolean => random.below(1000) < share * 1000;

/** Corrupts `badShare` of the blocks that it serves. */
function poisoner({ badShare, random }: StrategyOptions): Strategy {
  return { ...honest, block: () => (chance(random, badShare) ? 'lie' : 'honest') };
}

/** A poisoner that shows the peer id of an honest seed in its handshake. */
function impostor(options: StrategyOptions): Strategy {
  const outgoing = (message: WireMessage): WireMessage => (message.type === 'handshake' ? { ...message, peerId: options.victim } : message);
  return { ...poisoner(options), outgoing };
}

/**
 * Took the public id of an honest seed at a second tracker. Serves correct blocks, one every two seconds, so that its link always carries
 * something.
 */
function idThief(options: StrategyOptions): Strategy {
  const { outgoing } = impostor(options);
  return { ...honest, outgoing, introduction: { peerId: options.victim, tracker: 'wss://second.test' }, stallMs: () => 2000 };
}

/**
 * Is honest while a piece seems to come from it alone, as on parole: while its blocks are requested from the first on without gaps.
 * Corrupts `badShare` of its blocks of other pieces, where others are suspects too.
 */
function twoFaced({ badShare, random }: StrategyOptions): Strategy {
  const expected = new Map<string, number>();
  const shared = new Set<string>();
  const keyOf = (link: LinkId, piece: PieceIndex): string => `${link}.${piece}`;
  return {
    ...honest,
    incoming: (message, link) => {
      if (message.type !== 'request') return null;
      const key = keyOf(link, message.piece);
      if (message.begin !== (expected.get(key) ?? 0)) shared.add(key);
      expected.set(key, message.begin + message.length);
      return null;
    },
    block: ({ piece }, link) => (shared.has(keyOf(link, piece)) && chance(random, badShare) ? 'lie' : 'honest'),
  };
}

/** Claims a metadata size that is wrong, and answers metadata requests with zeros (`badShare` above a half) or not at all. */
function sizeLiar({ badShare, random }: StrategyOptions): Strategy {
  const claimedBytes = metadataPieceBytes * (1 + random.below(600)) + 1;
  const claim = writeExtensionHandshake({ metadataBytes: claimedBytes, maxQueuedRequests: 1000, client: 'sizeLiar' });
  const zeros = new Uint8Array(claimedBytes);
  return {
    ...honest,
    outgoing: (message) => (message.type === 'extended' && message.id === extensionHandshakeId ? { ...message, payload: claim } : message),
    incoming: (message) => {
      if (message.type !== 'extended' || message.id !== localExtensionId.utMetadata) return null;
      const request = readMetadataMessage(message.payload, claimedBytes);
      if (request?.type !== 'request' || badShare <= 0.5) return [];
      return [{ type: 'extended', id: localExtensionId.utMetadata, payload: writeMetadataData(request.piece, zeros) }];
    },
  };
}

/** Takes pieces back and offers them again (BEP 54): 200 × `badShare` times a second on every link. A chunk of 256 KiB holds 13,797. */
function haveToggler({ badShare, random, pieceCount }: StrategyOptions): Strategy {
  const pairs = Math.ceil(200 * badShare);
  const toggle = (): WireMessage[] => {
    const piece = random.below(pieceCount);
    return [
      { type: 'extended', id: localExtensionId.ltDontHave, payload: writeDontHave(piece) },
      { type: 'have', piece },
    ];
  };
  return { ...honest, everySecond: () => Array.from({ length: pairs }, toggle).flat() };
}

/** Sends blocks that nobody requested, 50 × `badShare` a second on every link, welcome or not. */
function gossipFlooder({ badShare, random, pieceCount }: StrategyOptions): Strategy {
  const push = (): WireMessage => ({ type: 'piece', piece: random.below(pieceCount), begin: 0, block: new Uint8Array(blockBytes) });
  return { ...honest, everySecond: () => Array.from({ length: Math.ceil(50 * badShare) }, push) };
}

/** Stays interested and never requests anything. */
const idleInterested: Strategy = { ...honest, outgoing: without('request', 'notInterested', 'cancel') };

/** Requests single bytes, 200 × `badShare` a second on every link, and takes no answer. */
function oneByteAsker({ badShare, random, pieceCount }: StrategyOptions): Strategy {
  const count = Math.ceil(200 * badShare);
  const ask = (): WireMessage => ({ type: 'request', piece: random.below(pieceCount), begin: blockBytes * random.below(2), length: 1 });
  return {
    outgoing: without('request', 'notInterested', 'cancel'),
    block: () => 'honest',
    incoming: (message) => (message.type === 'piece' || message.type === 'reject' ? [] : null),
    everySecond: () => Array.from({ length: count }, ask),
  };
}

/** Serves correct blocks. Before one of fifty it stops for up to a minute. */
function staller({ random }: StrategyOptions): Strategy {
  return { ...honest, stallMs: () => (random.below(50) === 0 ? random.below(60_000) : 0) };
}

/**
 * Serves correct blocks over a path that loses packets. The channel is reliable and in order, so a lost packet (one of a hundred blocks has
 * one) holds up everything behind it for a retransmission; every block comes up to 5 ms late.
 */
function lossy({ random }: StrategyOptions): Strategy {
  return { ...honest, stallMs: () => random.below(5) + (random.below(100) === 0 ? 300 + random.below(700) : 0) };
}

/** Serves correct blocks and rejects `badShare` of the requests, as WebTorrent does after a read error. What it pushes nobody requested. */
function rejecter({ badShare, random }: StrategyOptions): Strategy {
  const requested = new Set<string>();
  const keyOf = (link: LinkId, { piece, begin }: BlockRef): string => `${link}.${piece}.${begin}`;
  return {
    ...honest,
    incoming: (message, link) => {
      if (message.type === 'request') requested.add(keyOf(link, message));
      return null;
    },
    block: (block, link) => (requested.delete(keyOf(link, block)) && chance(random, badShare) ? 'reject' : 'honest'),
  };
}

/** Gives `badShare` of what it is asked for, and rejects the rest. */
function miser({ badShare, random }: StrategyOptions): Strategy {
  return { ...honest, block: () => (chance(random, badShare) ? 'honest' : 'reject') };
}

/** Gives only to the first two peers that ask. */
function favourer(): Strategy {
  const favourites = new Set<LinkId>();
  return {
    ...honest,
    block: (_, link) => {
      if (favourites.size < 2) favourites.add(link);
      return favourites.has(link) ? 'honest' : 'reject';
    },
  };
}

/** A leech that shows itself as a seed and gives nothing. */
const boaster: Strategy = {
  outgoing: (message) => (message.type === 'haveNone' || message.type === 'bitfield' ? { type: 'haveAll' } : message),
  block: () => 'reject',
};

/** Downloads and never says what it has, so that it always seems to need everything, and never uploads. */
const hider: Strategy = {
  outgoing: (message) => (message.type === 'bitfield' ? { type: 'haveNone' } : without('have', 'haveAll', 'unchoke')(message)),
  block: () => 'withhold',
};

/** Downloads while it says that it is not interested, and never uploads. */
const uninterested: Strategy = {
  outgoing: without('unchoke'),
  block: () => 'withhold',
  everySecond: () => [{ type: 'notInterested' }],
};

const strategies = {
  honest: () => honest,
  /** Honest with the uplink of its group, down to 2 KiB/s. */
  slowHonest: () => honest,
  staller,
  lossy,
  rejecter,
  poisoner,
  impostor,
  idThief,
  twoFaced,
  /** Claims every piece and rejects every request. */
  liar: () => ({ ...honest, block: () => 'reject' }),
  /** Downloads and never uploads: never sends an unchoke. */
  freeRider: () => ({ outgoing: without('unchoke'), block: () => 'withhold' }),
  /** Accepts every request and never answers. */
  silent: () => ({ outgoing: without('reject'), block: () => 'withhold' }),
  idleInterested: () => idleInterested,
  oneByteAsker,
  sizeLiar,
  haveToggler,
  gossipFlooder,
  miser,
  favourer,
  boaster: () => boaster,
  hider: () => hider,
  uninterested: () => uninterested,
} satisfies Record<string, (options: StrategyOptions) => Strategy>;

export type StrategyName = keyof typeof strategies;

/** Slow and faulty peers follow the protocol, so nobody may ban them. */
const harmless: ReadonlySet<StrategyName> = new Set(['honest', 'slowHonest', 'staller', 'lossy', 'rejecter']);

export function isHarmless(name: StrategyName): boolean {
  return harmless.has(name);
}

/**
 * Most pieces that one such peer may spoil for each honest one: two, and a third where failed pieces wait for each other and one is verified
 * all the same, as in 3 of 9,000 scenarios. An impostor is found out before it gives anything.
 */
const mostSpoiled: Partial<Record<StrategyName, number>> = { poisoner: 3, twoFaced: 3, gossipFlooder: 2 };

export function mostSpoiledBy(names: readonly StrategyName[]): number {
  return names.reduce((sum, name) => sum + (mostSpoiled[name] ?? 0), 0);
}

export function strategy(name: StrategyName, options: StrategyOptions): Strategy {
  return strategies[name](options);
}
