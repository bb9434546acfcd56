import { expect, test } from 'vitest';
import { loadTexts } from '../../language/texts.ts';
import { changesBetween } from '../../state/history/activity-log.ts';
import { TorrentView } from '../../state/torrent-view.svelte.ts';
import { states } from '../fixtures/snapshots.ts';
import { activityText, clockTime, report } from './activity-text.ts';

test('a report names no person, no address and no file unless that is asked for', () => {
  const torrent = new TorrentView(states.starting);
  torrent.apply({ ...states.downloading, peers: states.downloading.peers.map((peer) => ({ ...peer, name: 'Ana Secret' })) });
  const plain = report(torrent, false, 'Firefox');
  for (const secret of ['wss://', 'Ana Secret', 'Lisbon', states.ready.infoHash ?? '?', '2d5453']) expect(plain).not.toContain(secret);
  expect(plain).toContain('Downloading from 3 people');
  const full = report(torrent, true, 'Firefox');
  for (const known of ['wss://tabswarm.example', 'Ana Secret', 'Lisbon', states.ready.infoHash ?? '?']) expect(full).toContain(known);
});

test('the percentage in a report is of the size beside it, also where only some files were chosen', () => {
  const torrent = new TorrentView({ ...states.doneChosen, totalBytes: 9_000_000, wantedBytes: 2_000_000, wantedVerifiedBytes: 1_000_000 });
  expect(report(torrent, false, 'Firefox')).toContain('50% of 2\u00a0MB, all 6 files 9\u00a0MB');
});

test('every change has a sentence, and a stranger’s name stays one line', () => {
  const renamed = { ...states.sharing, peers: states.sharing.peers.map((peer) => ({ ...peer, name: 'a\n\u202eb' })) };
  const texts = changesBetween(states.ready, renamed, 0).map((change) => activityText(change, true));
  expect(texts[0]).toBe('ab connected (Tabswarm 0.1 (Firefox on Android))');
});

test.each([
  ['en', 'Tracker: unreachable', 'Waiting: no tracker answers'],
  ['es', 'Tracker: no responde', 'Esperando: ningún tracker responde'],
  ['zh', 'Tracker：无法连接', '正在等待：没有 tracker 应答'],
] as const)('the log says the states of trackers and of the wait in the language of the page (%s)', async (language, tracker, wait) => {
  const back = await loadTexts('en', 'rest');
  (await loadTexts(language, 'rest'))();
  const said = [
    activityText({ atMs: 0, kind: 'tracker', url: 'wss://tabswarm.example', state: 'failing' }, false),
    activityText({ atMs: 0, kind: 'state', phase: 'stalled', waiting: 'noTracker' }, false),
  ];
  back();
  expect(said).toEqual([tracker, wait]);
});

test('the log says the time of this device, the report the same in UTC', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Asia/Kolkata';
  const torrent = new TorrentView(states.starting);
  torrent.apply(states.downloading);
  const atMs = torrent.activity[0]!.atMs;
  const [shown, utc] = [clockTime(Date.UTC(2026, 0, 1, 12, 0, 7)), report(torrent, false, 'Firefox')];
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  expect(shown).toBe('17:30:07');
  expect(utc).toContain(`${new Date(atMs).toISOString().slice(11, 19)}Z `);
});
