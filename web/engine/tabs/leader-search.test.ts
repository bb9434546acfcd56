import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeldFiles } from '../session/held-files.ts';
import { LeaderSearch } from './leader-search.ts';
import type { TabName, TabWord } from './messages.ts';
import { Channels } from './testing/channels.ts';

const name: TabName = { tab: 'F', version: 'v1', since: 5 };
const leader: TabName = { tab: 'L', version: 'v1', since: 1 };

let search: LeaderSearch | null = null;

function searching(isVisible = true) {
  const said: TabWord[] = [];
  const log: string[] = [];
  search = new LeaderSearch({
    name,
    held: new HeldFiles(),
    isVisible: () => isVisible,
    say: (word) => said.push(word),
    notify: () => undefined,
    found: () => log.push('found'),
    left: () => log.push('left'),
    due: () => log.push('due'),
    outdated: () => log.push('outdated'),
  });
  return { search, said, log };
}

beforeEach(() => {
  vi.stubGlobal('BroadcastChannel', new Channels().constructorOfAll);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(() => {
  search?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it asks for the leader, and listens before it names it', () => {
  const { search: it, said } = searching();
  expect(said).toEqual([{ kind: 'hello', ...name, leader: null }]);
  it.hear({ kind: 'lead', ...leader });
  it.hear({ kind: 'lead', ...leader });
  expect(said.slice(1)).toEqual([{ kind: 'hello', ...name, leader: 'L' }]);
});

test('a leader that gives no answer counts as frozen after 2 s and a half where people look, later in a hidden tab', () => {
  const seen = searching();
  vi.advanceTimersByTime(2000);
  expect(seen.log).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(seen.log).toEqual(['due']);
  const hidden = searching(false);
  vi.advanceTimersByTime(5000);
  expect(hidden.log).toEqual([]);
  vi.advanceTimersByTime(2500);
  expect(hidden.log).toEqual(['due']);
});

test('a leader that is about to be frozen is left at once, any other tab is not', () => {
  const { search: it, log } = searching();
  it.hear({ kind: 'lead', ...leader });
  it.hear({ kind: 'freezing', tab: 'X' });
  expect(log).toEqual([]);
  it.hear({ kind: 'freezing', tab: 'L' });
  expect(log).toEqual(['due']);
});

test('a new leader is followed instead of the one before', () => {
  const { search: it, said, log } = searching();
  it.hear({ kind: 'lead', ...leader });
  it.hear({ kind: 'lead', ...leader, tab: 'M' });
  expect(said.at(-1)).toMatchObject({ kind: 'hello', leader: 'M' });
  expect(log).toEqual(['left']);
});

test('a tab that finds a leader of a newer version says so, one of an older version waits for its files', () => {
  const older = searching();
  older.search.hear({ kind: 'lead', ...leader, version: 'v2', since: 6 });
  expect(older.log).toEqual(['outdated']);
  const newer = searching();
  newer.search.hear({ kind: 'lead', ...leader, version: 'v0' });
  expect(newer.log).toEqual([]);
});
