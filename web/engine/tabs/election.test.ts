import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Election, type Candidate } from './election.ts';
import { Locks } from './testing/locks.ts';

const lockName = 'tabswarm-engine';

class Tab implements Candidate {
  readonly log: string[] = [];
  readonly election = new Election(this);
  failing: 'gained' | 'lost' | null = null;

  async gained(alone: boolean): Promise<void> {
    this.log.push(alone ? 'alone' : 'gained');
    if (this.failing === 'gained') throw new Error('cannot start');
  }

  async lost(): Promise<void> {
    this.log.push('lost');
    if (this.failing === 'lost') throw new Error('cannot stop');
  }

  failed(): void {
    this.log.push('failed');
  }
}

let locks: Locks;

beforeEach(() => {
  locks = new Locks();
  vi.stubGlobal('navigator', { locks });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one tab leads; when it is gone, the one that waited longest does', async () => {
  const [first, second, third] = [new Tab(), new Tab(), new Tab()];
  expect(await first.election.stand()).toBe(true);
  expect(await second.election.stand()).toBe(false);
  expect(await third.election.stand()).toBe(false);
  expect([second.log, third.log]).toEqual([[], []]);
  locks.end(lockName);
  await turn();
  expect([second.log, third.log]).toEqual([['gained'], []]);
  locks.end(lockName);
  await turn();
  expect(third.log).toEqual(['gained']);
});

test('a silent leader loses the lead to the tab that steals it, also past the queue, and waits again', async () => {
  const [first, second, third] = [new Tab(), new Tab(), new Tab()];
  await first.election.stand();
  await second.election.stand();
  await third.election.stand();
  await third.election.steal();
  await turn();
  expect([first.log, second.log, third.log]).toEqual([['gained', 'lost'], [], ['gained']]);
  // The tab that stole has left the queue: it is not given the lock a second time.
  locks.end(lockName);
  await turn();
  expect(second.log).toEqual(['gained']);
  locks.end(lockName);
  await turn();
  expect([first.log, third.log]).toEqual([['gained', 'lost', 'gained'], ['gained']]);
});

test('a tab that fails to stop still waits for its next turn', async () => {
  const [first, second] = [new Tab(), new Tab()];
  await first.election.stand();
  await second.election.stand();
  first.failing = 'lost';
  await second.election.steal();
  await turn();
  first.failing = null;
  locks.end(lockName);
  await turn();
  expect(first.log).toEqual(['gained', 'lost', 'gained']);
});

test('a tab that fails to start reports it once and frees the lock', async () => {
  const [first, second] = [new Tab(), new Tab()];
  first.failing = 'gained';
  await expect(first.election.stand()).rejects.toThrow('cannot start');
  expect(first.log).toEqual(['gained', 'lost']);
  expect(await second.election.stand()).toBe(true);
});

test('a tab that fails when its turn comes says so, and the next one leads', async () => {
  const [first, second, third] = [new Tab(), new Tab(), new Tab()];
  for (const tab of [first, second, third]) await tab.election.stand();
  second.failing = 'gained';
  locks.end(lockName);
  await turn();
  expect([second.log, third.log]).toEqual([['gained', 'lost', 'failed'], ['gained']]);
});

test('without locks, and where the browser refuses them, each tab leads for itself', async () => {
  vi.stubGlobal('navigator', {});
  const [first, second] = [new Tab(), new Tab()];
  expect([await first.election.stand(), await second.election.stand()]).toEqual([true, true]);
  vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(new DOMException('denied', 'SecurityError')) } });
  const third = new Tab();
  expect(await third.election.stand()).toBe(true);
  expect([first.log, second.log, third.log]).toEqual([['alone'], ['alone'], ['alone']]);
});
