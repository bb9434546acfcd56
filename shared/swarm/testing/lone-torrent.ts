import type { InfoHash, Introduction, LinkId, PeerId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { Geometry } from '../../torrent/geometry.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { noLimits } from '../bandwidth/bandwidth-limit.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { SwarmConfig } from '../config.ts';
import type { Effect, Event } from '../events.ts';
import { Torrent } from '../torrent.ts';

export const infoHash = 'a'.repeat(40) as InfoHash;
export const ownId = '2d'.repeat(20) as PeerId;
export const link = 1 as LinkId;
export const geometry = new Geometry(2 * blockBytes, [{ length: 7 * blockBytes, padding: false }]);
export const infoBytes = Uint8Array.from({ length: 20_000 }, (_, i) => i & 0xff);

export function introductionOf(peerId: PeerId, tracker = 'wss://tracker.test'): Introduction {
  return { peerId, tracker };
}

/** One torrent, and what it did at each step. */
export function lonely(config: Partial<SwarmConfig> = {}, limits = noLimits) {
  const torrent = new Torrent({ infoHash, peerId: ownId }, seededRandom(3), config, limits);
  let now = 0;
  const step = (event: Event): Effect[] => {
    const out: Effect[] = [];
    torrent.step(now, event, out);
    return out;
  };
  const hear = (message: WireMessage, from = link): Effect[] => step({ kind: 'messages', link: from, messages: [message] });
  const pass = (ms: number): Effect[] => {
    const out: Effect[] = [];
    for (const end = now + ms; now < end;) {
      now += 1000;
      torrent.step(now, { kind: 'tick' }, out);
    }
    return out;
  };
  const shakeHands = (id = 'b', options: { fast?: boolean; from?: LinkId; initiator?: boolean } = {}): Effect[] => {
    const { fast = true, from = link, initiator = false } = options;
    const peerId = id.repeat(40) as PeerId;
    const opened = step({ kind: 'linkOpened', link: from, initiator, introduction: introductionOf(peerId) });
    return [...opened, ...hear({ type: 'handshake', infoHash, peerId, fast, extended: false }, from)];
  };
  const know = (have = new Bitfield(geometry.pieceCount)): Effect[] => step({ kind: 'metadata', geometry, infoBytes, have: have.bytes });
  const wantAll = (): Effect[] => step({ kind: 'want', priorities: new Uint8Array(geometry.pieceCount).fill(1) });
  return { torrent, step, hear, pass, shakeHands, know, wantAll };
}

export const sent = (effects: Effect[]): string[] => effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message.type] : []));
export const closed = (effects: Effect[]): string[] => effects.flatMap((effect) => (effect.kind === 'close' ? [effect.code] : []));

export const requestsIn = (effects: Effect[]): (WireMessage & { type: 'request' })[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'request' ? [effect.message] : []));

/** A leech with one seed that unchoked it; `requests` are its first. */
export function leech(config: Partial<SwarmConfig> = {}) {
  const peer = lonely(config);
  peer.step({ kind: 'resume' });
  peer.know();
  peer.wantAll();
  peer.shakeHands();
  peer.hear({ type: 'haveAll' });
  const requests = peer
    .hear({ type: 'unchoke' })
    .flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'request' ? [effect.message] : []));
  return { ...peer, requests };
}
