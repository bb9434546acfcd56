import { expect, test } from 'vitest';
import { type Candidate, Gathering } from './gathering.ts';

const host: Candidate = { type: 'host', protocol: 'udp' };
const tcp: Candidate = { type: 'host', protocol: 'tcp' };
const mapped: Candidate = { type: 'srflx', protocol: 'udp' };
const relayed: Candidate = { type: 'relay', protocol: 'udp' };
const stun: RTCIceServer = { urls: 'stun:stun.test:3478' };
const turn: RTCIceServer = { urls: ['turn:turn.test:3478', 'turns:turn.test:5349'], username: 'a', credential: 'b' };

const heard = (servers: readonly RTCIceServer[], candidates: readonly Candidate[]): (number | null)[] => {
  const gathering = new Gathering(servers);
  return candidates.map((candidate) => gathering.heard(candidate));
};

test.each<[string, readonly RTCIceServer[], readonly Candidate[], readonly (number | null)[]]>([
  ['without a server any candidate may be the last', [], [host, tcp], [30, 30]],
  ['with STUN the public address is', [stun], [host, mapped, tcp], [null, 10, 10]],
  ['with STUN and two addresses the second public one is', [stun], [host, host, mapped, mapped], [null, null, null, 10]],
  ['an address that comes late is waited for, too', [stun], [host, mapped, host, mapped], [null, 10, null, 10]],
  ['a public address has no other one, so the browser says', [stun], [host, host, mapped], [null, null, null]],
  ['with a relay the browser says', [stun, turn], [host, mapped, relayed], [null, null, null]],
  ['what a browser says nothing about counts for nothing', [stun], [{}, mapped], [null, 10]],
])('%s', (_, servers, candidates, expected) => {
  expect(heard(servers, candidates)).toEqual(expected);
});
