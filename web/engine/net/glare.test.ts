import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../../shared/ids.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { certificateIn, leadToSamePeer, resolveGlare } from './glare.ts';

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
    certificate: null,
    addresses: 'tried',
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

test('connections under one id that different trackers introduced do not replace each other, unless both proved one certificate', () => {
  const first = { ...connection(low, false, 'open'), tracker: 'ws://one', certificate: 'sha-256 01' };
  for (const certificate of [null, 'sha-256 02']) {
    const second = { ...connection(low, false, 'open'), tracker: 'ws://two', certificate };
    expect(resolveGlare(second, [first, second], high, 100)).toEqual({ close: [], hasten: [] });
  }
  const same = { ...connection(low, false, 'open'), tracker: 'ws://two', certificate: 'sha-256 01' };
  expect(resolveGlare(same, [first, same], high, 100).close).toEqual([first]);
  expect(leadToSamePeer({ tracker: 'ws://one', certificate: null }, { tracker: 'ws://two', certificate: null })).toBe(false);
});

const digest = Array.from({ length: 32 }, (_, i) => (i + 160).toString(16)).join(':');
const line = `a=fingerprint:sha-256 ${digest.toUpperCase()}`;

test('the certificate of a description is its only fingerprint', () => {
  expect(certificateIn(`v=0\r\n${line}\r\na=setup:actpass\r\n`)).toBe(`sha-256 ${digest}`);
});

// Whoever could show a browser one fingerprint and us another would count as somebody else.
test.each([
  ['none', 'v=0\r\n'],
  ['two', `${line}\r\n${line.replace('A0', 'A1')}\r\n`],
  ['one hidden in another line', `s=fingerprint\r\n${line}\r\n`],
  ['one inside a line', `s=${line}\r\n`],
  ['a short one', `${line.slice(0, -3)}\r\n`],
  ['a long one', `${line}:00\r\n`],
  ['another digest', `${line.replace('sha-256', 'sha-1')}\r\n`],
  ['one with an end of its own', `${line} \r\n`],
])('a description with %s names no certificate', (_, sdp) => {
  expect(certificateIn(sdp)).toBeNull();
});
