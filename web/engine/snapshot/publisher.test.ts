import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { SnapshotPublisher, SnapshotPublishers, type SnapshotSource } from './publisher.ts';

/** Only what the publisher looks at. */
function shown(id: string, peers = 0): SnapshotSource {
  return {
    snapshot: (watched) => ({ id, peers: Array.from({ length: peers }), fileCount: watched ? 1 : 0 }) as unknown as TorrentSnapshot,
  };
}

const told: string[][] = [];
let publisher: SnapshotPublisher;

beforeEach(() => {
  vi.useFakeTimers();
  told.length = 0;
  publisher = new SnapshotPublisher(
    {
      postMessage: ({ notice }) => {
        if (notice.kind === 'snapshots') told.push(notice.torrents.map(({ id, fileCount }) => (fileCount > 0 ? `${id} watched` : id)));
      },
    },
    () => undefined,
  );
});

afterEach(() => {
  vi.useRealTimers();
});

function show(...torrents: [string, SnapshotSource][]): void {
  publisher.show(new Map(torrents));
  vi.advanceTimersByTime(1000);
  told.length = 0;
}

test('only what changed is published, the first change at once, then four times a second', () => {
  show(['a', shown('a')], ['b', shown('b')]);
  for (let ms = 0; ms < 990; ms += 10) {
    publisher.changed('a');
    vi.advanceTimersByTime(10);
  }
  expect(told).toEqual([['a'], ['a'], ['a'], ['a']]);
});

/** Numbers change all the time; returns how often they were published. */
function progress(forMs: number): number {
  const before = told.length;
  for (let ms = 0; ms < forMs; ms += 10) {
    publisher.progressed('a');
    vi.advanceTimersByTime(10);
  }
  return told.length - before;
}

test('numbers alone are published four times a second at first and every two seconds later; a change does not wait for them', () => {
  show(['a', shown('a')]);
  expect(progress(990)).toBe(4);
  progress(20_000);
  expect(progress(10_000)).toBe(5);
  const before = told.length;
  publisher.changed('a');
  vi.advanceTimersByTime(250);
  expect(told).toHaveLength(before + 1);
});

test('what people wait for is published at once', () => {
  show(['a', shown('a')], ['b', shown('b')]);
  publisher.changed('a');
  vi.advanceTimersByTime(10);
  publisher.changed('a');
  publisher.awaited('b');
  vi.advanceTimersByTime(0);
  expect(told).toEqual([['a'], ['a', 'b']]);
});

test('numbers that did not change for a while start again at four times a second', () => {
  show(['a', shown('a')]);
  progress(10_000);
  vi.advanceTimersByTime(5000);
  expect(progress(990)).toBe(4);
});

test('a hidden page is told every five seconds, and everything at once when it is visible again', () => {
  show(['a', shown('a', 1)], ['b', shown('b')]);
  publisher.visible(false);
  for (let ms = 0; ms < 10_000; ms += 10) {
    publisher.changed('a');
    vi.advanceTimersByTime(10);
  }
  expect(told).toEqual([['a'], ['a']]);
  publisher.visible(true);
  vi.advanceTimersByTime(0);
  expect(told[2]).toEqual(['a', 'b']);
});

test('a torrent with peers is published every two seconds, because its rates fall by themselves', () => {
  show(['a', shown('a', 1)], ['b', shown('b')]);
  vi.advanceTimersByTime(6000);
  expect(told).toEqual([['a'], ['a'], ['a']]);
});

test('only watched torrents include their pieces', () => {
  show(['a', shown('a')], ['b', shown('b')]);
  publisher.watch(['b']);
  publisher.changed('a');
  vi.advanceTimersByTime(300);
  expect(told.flat().sort((x, y) => x.localeCompare(y))).toEqual(['a', 'b watched']);
});

test('a torrent is in view while one page shows it alone, not in a Library of several', () => {
  const publishers = new SnapshotPublishers();
  const [one, two] = [0, 1].map(() => new SnapshotPublisher({ postMessage: () => undefined }, () => undefined));
  for (const page of [one, two]) publishers.add(page!);
  const { isInView } = publishers.changesOf('a');
  expect(isInView()).toBe(false);
  one!.watch(['a', 'b']);
  expect(isInView()).toBe(false);
  two!.watch(['a']);
  expect(isInView()).toBe(true);
  two!.watch([]);
  expect(isInView()).toBe(false);
});

test('a torrent that is removed while it has peers leaves no timer', () => {
  const torrents = new Map([['a', shown('a', 1)]]);
  publisher.show(torrents);
  vi.advanceTimersByTime(1000);
  torrents.delete('a');
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
});
