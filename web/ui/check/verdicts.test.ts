import { expect, test } from 'vitest';
import type { Facts, ShareFacts } from '../../check/facts.ts';
import { verdictsOf, type Subject } from './verdicts.ts';

const share: ShareFacts = {
  mine: false,
  paused: false,
  noRoom: false,
  seeds: 1,
  leeches: 1,
  connecting: 0,
  connected: 2,
  relayed: 1,
  unavailableBytes: 0,
};

const well: Facts = {
  page: { secure: true, secureOrigin: null, online: true },
  storage: { works: true, full: false, serviceWorker: true, freeBytes: 5e9 },
  tracker: { host: 'share.example', roundTripMs: 12.4 },
  network: { stunServers: 2, hosts: 1, reflexive: 1, symmetric: false },
  relay: { offered: 1, answers: true, only: false },
  channel: { bytesPerSecond: 60e6 },
  share,
};

function line(subject: Subject, facts: Partial<Facts>) {
  const { level, fact, meaning, advice } = verdictsOf({ ...well, ...facts }).find((verdict) => verdict.subject === subject)!;
  return { level, words: `${fact} ${meaning} ${advice ?? ''}` };
}

const levels = (facts: Partial<Facts>): string =>
  verdictsOf({ ...well, ...facts })
    .map(({ level }) => level)
    .join(' ');

test('where everything works there are seven good lines without advice', () => {
  const verdicts = verdictsOf(well);
  expect(verdicts.map(({ subject }) => subject)).toEqual(['page', 'storage', 'tracker', 'network', 'relay', 'channel', 'share']);
  expect(verdicts.every(({ level, advice }) => level === 'good' && advice === null)).toBe(true);
});

test('what is not known yet says what is being asked, and without a share there are six lines', () => {
  const nothing = { storage: null, tracker: null, network: null, relay: null, channel: null, share: null };
  expect(levels(nothing)).toBe('good running running running running running');
  expect(verdictsOf({ ...well, ...nothing }).every(({ fact }) => fact.length > 10)).toBe(true);
});

test('every fault says what it means and what to do', () => {
  const faults: Partial<Facts>[] = [
    { page: { secure: false, secureOrigin: null, online: true } },
    { storage: { works: false, full: false, serviceWorker: false, freeBytes: null } },
    { storage: { works: true, full: false, serviceWorker: true, freeBytes: 1e6 } },
    { storage: { works: true, full: true, serviceWorker: true, freeBytes: 10e9 } },
    { share: { ...share, noRoom: true } },
    { tracker: { host: 'share.example', roundTripMs: null } },
    { network: { stunServers: 2, hosts: 0, reflexive: 0, symmetric: false } },
    { network: { stunServers: 2, hosts: 1, reflexive: 0, symmetric: false } },
    { relay: { offered: 1, answers: false, only: false } },
    { relay: { offered: 0, answers: false, only: true } },
    { channel: { bytesPerSecond: null } },
    { share: { ...share, connected: 0 } },
  ];
  for (const facts of faults) {
    const bad = verdictsOf({ ...well, ...facts }).filter(({ level }) => level === 'bad');
    expect([facts, bad.length]).toEqual([facts, 1]);
    expect([facts, bad[0]!.meaning !== '', bad[0]!.advice]).toEqual([facts, true, expect.stringMatching(/\.$/)]);
  }
});

test('an insecure origin: where to open the page instead', () => {
  const page = { secure: false, secureOrigin: null, online: true };
  expect(line('page', { page }).words).toMatch(/plain http.*start it with --lan/);
  expect(line('page', { page: { ...page, secureOrigin: 'https://192.168.1.5:8000' } }).words).toMatch(
    /Open https:\/\/192\.168\.1\.5:8000 instead/,
  );
});

test('over plain http nobody is sent to reload the page for its service worker', () => {
  const storage = { works: true, full: false, serviceWorker: false, freeBytes: null };
  const page = { secure: false, secureOrigin: 'https://192.168.1.5:8000', online: true };
  const { words } = line('storage', { storage, page });
  expect(words).toMatch(/secure pages only/);
  expect(words).not.toMatch(/Reload|certificate/);
});

test('a private window and a full disk are told apart', () => {
  expect(line('storage', { storage: { works: false, full: false, serviceWorker: false, freeBytes: null } }).words).toMatch(
    /private window.*normal window/,
  );
  expect(line('storage', { storage: { works: true, full: false, serviceWorker: true, freeBytes: 12e6 } }).words).toMatch(
    /Only 12.MB.*Library/,
  );
});

test('a full storage is found by writing to it, or by a download that stopped, whatever the browser says is free', () => {
  const storage = { works: true, full: true, serviceWorker: true, freeBytes: 10e9 };
  expect(line('storage', { storage }).words).toMatch(/No space is left.*Library/);
  expect(line('storage', { share: { ...share, noRoom: true } }).words).toMatch(/No space is left/);
});

test('without a service worker the page of a local network leads to its certificate', () => {
  const storage = { works: true, full: false, serviceWorker: false, freeBytes: null };
  const page = { secure: true, secureOrigin: 'https://192.168.1.5:8000', online: true };
  expect(line('storage', { storage, page })).toMatchObject({
    level: 'note',
    words: expect.stringContaining('https://192.168.1.5:8000/trust'),
  });
});

test('a tracker that is down is told apart from a device that is offline', () => {
  const tracker = { host: 'share.example', roundTripMs: null };
  expect(line('tracker', { tracker }).words).toMatch(/share\.example does not answer.*connected already continue/);
  expect(line('tracker', { tracker, page: { ...well.page, online: false } }).words).toMatch(/offline/);
  expect(line('tracker', { tracker: { host: 'share.example', roundTripMs: 2500 } }).level).toBe('note');
});

test('UDP blocked: bad without a relay, and nothing to do with one', () => {
  const network = { stunServers: 2, hosts: 1, reflexive: 0, symmetric: false };
  expect(line('network', { network, relay: { offered: 0, answers: false, only: false } }).words).toMatch(/blocks UDP.*another network/);
  expect(line('network', { network }).words).toMatch(/Nothing to do/);
});

test('a site without STUN servers is no fault', () => {
  expect(line('network', { network: { stunServers: 0, hosts: 1, reflexive: 0, symmetric: false } }).level).toBe('good');
});

test('one STUN server cannot tell which kind of router there is', () => {
  const { level, words } = line('network', { network: { stunServers: 1, hosts: 1, reflexive: 1, symmetric: null } });
  expect(level).toBe('good');
  expect(words).toMatch(/One STUN server cannot tell/);
});

test('nobody is there: the sender is told something else than the receiver', () => {
  const alone = { ...share, seeds: 0, leeches: 0, connected: 0 };
  expect(line('share', { share: alone }).words).toMatch(/Ask the sender/);
  expect(line('share', { share: { ...alone, mine: true } }).words).toMatch(/Send the link/);
});

test('nobody could be reached: the reason comes from the other lines', () => {
  const unreached = { ...share, connected: 0 };
  expect(line('share', { share: { ...unreached, connecting: 2 } }).level).toBe('running');
  expect(line('share', { share: { ...unreached, connecting: 1 } }).words).not.toContain('1 connections');
  expect(line('share', { share: unreached, channel: { bytesPerSecond: null } }).words).toMatch(/blocks WebRTC/);
  expect(line('share', { share: unreached, network: { stunServers: 1, hosts: 1, reflexive: 2, symmetric: true } }).words).toMatch(
    /Your network blocks/,
  );
  expect(line('share', { share: unreached }).words).toMatch(/Their network may block/);
});

test('people are connected, but none has what is missing', () => {
  expect(line('share', { share: { ...share, unavailableBytes: 3e6 } }).words).toMatch(
    /3.MB are missing that none of them has.*Ask the sender/,
  );
  expect(line('share', { share: { ...share, paused: true } }).words).toMatch(/paused.*Resume/);
  expect(line('share', { share: { ...share, seeds: null, leeches: null, connected: 0 } }).level).toBe('note');
});
