import { expect, test } from 'vitest';
import { TorrentView } from '../../state/torrent-view.svelte.ts';
import { states } from '../fixtures/snapshots.ts';
import { noticeOf } from './notifications.ts';

const own = new TorrentView(states.ready);
const download = new TorrentView(states.downloading);
const joined = { atMs: 0, kind: 'joined', peer: states.opened.peers[0]! } as const;

test('people hear when somebody opens or saves their share, and when their download is done', () => {
  expect(noticeOf(own, joined)).toBe('Somebody opened “Summer in Lisbon”.');
  expect(noticeOf(own, { atMs: 0, kind: 'saved', people: 1 })).toBe('Somebody saved “Summer in Lisbon”.');
  expect(noticeOf(download, { atMs: 0, kind: 'finished' })).toBe('“Summer in Lisbon” is here.');
});

test('they do not hear who else is in a download, or what a tracker does', () => {
  expect(noticeOf(download, joined)).toBeNull();
  expect(noticeOf(own, { atMs: 0, kind: 'tracker', url: 'wss://a', state: 'failing' })).toBeNull();
});
