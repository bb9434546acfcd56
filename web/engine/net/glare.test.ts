import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../../shared/ids.ts';
import type { Connection, ConnectionOwner } from './connection-pool.ts';
import { resolveGlare } from './glare.ts';

const low = '1'.repeat(40) as PeerId;
const high = '2'.repeat(40) as PeerId;
let ids = 0;

function connection(peerId: PeerId, initiator: boolean, state: Connection['state'], since = 0): Connection {
  const id = ++ids as LinkId;
  const owner = {} as ConnectionOwner;
  return {
    id,
    initiator,
    isFurther: false,
    owner,
    state,
    since,
    deadlineAt: 0,
    sdp: '',
    offerId: '',
    tracker: '',
    peerId,
    link: null,
    path: null,
  };
}

test('in a glare both sides keep what the lower peer id offered, whichever opens first', () => {
  for (const lowersFirst of [true, false]) {
    for (const [ours, theirs] of [
      [low, high],
      [high, low],
    ] as const) {
      const lowers = connection(theirs, ours === low, 'connecting');
      const highers = connection(theirs, ours === high, 'connecting');
      const kept = new Set([lowers, highers]);
      for (const opened of lowersFirst ? [lowers, highers] : [highers, lowers]) {
        if (!kept.has(opened)) continue;
        opened.state = 'open';
        for (const loser of resolveGlare(opened, [...kept], ours, 100).close) kept.delete(loser);
      }
      expect([...kept]).toEqual([lowers]);
    }
  }
});

test('the connection that opened is used while the preferred one may still open', () => {
  const mine = connection(low, true, 'open');
  const better = connection(low, false, 'connecting');
  expect(resolveGlare(mine, [mine, better], high, 100)).toEqual({ close: [], hasten: [better] });
  const unsent = connection(low, false, 'answering');
  expect(resolveGlare(mine, [mine, unsent], high, 100)).toEqual({ close: [unsent], hasten: [] });
});

test('a new link replaces an old one to the same peer, which must be dead on the other side', () => {
  const old = connection(low, false, 'open', 0);
  const fresh = connection(low, true, 'open', 60_000);
  expect(resolveGlare(fresh, [old, fresh], high, 60_000).close).toEqual([old]);
});
