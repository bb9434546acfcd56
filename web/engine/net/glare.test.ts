import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../../shared/ids.ts';
import type { Dial, DialOwner } from './connection-pool.ts';
import { rivalry } from './glare.ts';

const low = '1'.repeat(40) as PeerId;
const high = '2'.repeat(40) as PeerId;
let ids = 0;

function dial(peerId: PeerId, initiator: boolean, state: Dial['state'], since = 0): Dial {
  const id = ++ids as LinkId;
  const owner = {} as DialOwner;
  return {
    id,
    initiator,
    owner,
    state,
    since,
    deadlineAt: 0,
    heardAt: since,
    sdp: '',
    offerId: '',
    tracker: '',
    peerId,
    link: null,
    path: null,
  };
}

test('in a glare both sides end with what the lower id offered, whichever opens first', () => {
  for (const lowersFirst of [true, false]) {
    for (const [ours, theirs] of [
      [low, high],
      [high, low],
    ] as const) {
      const lowers = dial(theirs, ours === low, 'connecting');
      const highers = dial(theirs, ours === high, 'connecting');
      const kept = new Set([lowers, highers]);
      for (const opened of lowersFirst ? [lowers, highers] : [highers, lowers]) {
        if (!kept.has(opened)) continue;
        opened.state = 'open';
        for (const loser of rivalry(opened, [...kept], ours, 100).close) kept.delete(loser);
      }
      expect([...kept]).toEqual([lowers]);
    }
  }
});

test('the one that opened serves while the better one may still come, and that one is not waited for', () => {
  const mine = dial(low, true, 'open');
  const better = dial(low, false, 'connecting');
  expect(rivalry(mine, [mine, better], high, 100)).toEqual({ close: [], hasten: [better] });
  const unsent = dial(low, false, 'answering');
  expect(rivalry(mine, [mine, unsent], high, 100)).toEqual({ close: [unsent], hasten: [] });
});

test('a new link replaces an old one to the same peer: the old one must be dead over there', () => {
  const old = dial(low, false, 'open', 0);
  const fresh = dial(low, true, 'open', 60_000);
  expect(rivalry(fresh, [old, fresh], high, 60_000).close).toEqual([old]);
});
