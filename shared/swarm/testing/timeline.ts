import type { InfoHash, LinkId, Milliseconds, PeerId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { BandwidthLimit } from '../bandwidth/bandwidth-limit.ts';
import type { Effect, Event } from '../events.ts';
import { Torrent } from '../torrent.ts';

const infoHash = 'b'.repeat(40) as InfoHash;

type Answer = (effect: Effect, later: (ms: Milliseconds, event: Event) => void) => void;

/** One torrent, limited to `bytesPerSecond` each way: its events come when they are due, and `answer` is what the world does about each effect. */
export function timeline(pieces: { length: number; count: number; have: Uint8Array<ArrayBuffer> }, bytesPerSecond: number, answer: Answer) {
  const limit = new BandwidthLimit();
  limit.bytesPerSecond = bytesPerSecond;
  const torrent = new Torrent({ infoHash, peerId: 'ff'.repeat(20) as PeerId }, seededRandom(1), {}, { down: [limit], up: [limit] });
  const due: { readonly at: Milliseconds; readonly event: Event }[] = [];
  let now: Milliseconds = 0;
  const later = (ms: Milliseconds, event: Event): void => {
    due.push({ at: now + ms, event });
    due.sort((a, b) => a.at - b.at);
  };
  const step = (event: Event): void => {
    const out: Effect[] = [];
    torrent.step(now, event, out);
    for (const effect of out) answer(effect, later);
  };
  const until = (endMs: Milliseconds): void => {
    while (now < endMs) {
      const wakeAt = torrent.wakeAt();
      if (due[0] !== undefined && due[0].at <= wakeAt) {
        now = Math.max(now, due[0].at);
        step(due.shift()!.event);
      } else {
        now = Math.max(now + 0.5, wakeAt);
        step({ kind: 'tick' });
      }
    }
  };
  /** A peer that comes after `ms`; then its messages. */
  const meet = (ms: Milliseconds, link: number, messages: Extract<Event, { kind: 'messages' }>['messages']): void => {
    const peerId = link.toString(16).padStart(4, '0').repeat(10) as PeerId;
    later(ms, { kind: 'linkOpened', link: link as LinkId, initiator: false });
    const handshake = { type: 'handshake', infoHash, peerId, fast: true, extended: false } as const;
    later(ms, { kind: 'messages', link: link as LinkId, messages: [handshake, ...messages] });
  };
  step({ kind: 'resume' });
  const geometry = new Geometry(pieces.length, [{ length: pieces.length * pieces.count, padding: false }]);
  step({ kind: 'metadata', geometry, infoBytes: new Uint8Array(100), have: pieces.have });
  step({ kind: 'want', priorities: new Uint8Array(pieces.count).fill(1) });
  return { step, later, until, meet };
}
