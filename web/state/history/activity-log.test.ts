import { expect, test } from 'vitest';
import { snapshot, states } from '../../ui/fixtures/snapshots.ts';
import { changesBetween, withActivity } from './activity-log.ts';

const kinds = (before: typeof states.ready, after: typeof states.ready): string[] =>
  changesBetween(before, after, 5).map(({ kind }) => kind);

test('people who come and go, states, trackers, corrupt pieces and failures are told once', () => {
  expect(kinds(states.ready, states.sharing)).toEqual(['joined', 'joined', 'joined']);
  expect(kinds(states.sharing, states.sharing)).toEqual([]);
  expect(kinds(states.sharing, states.ready)).toEqual(['left', 'left', 'left']);
  expect(kinds(states.ready, states.readyNoTracker)).toEqual(['tracker']);
  expect(kinds(states.starting, states.noSpace)).toEqual(['state', 'failure']);
  expect(changesBetween(snapshot({}), snapshot({ failedPieces: 2 }), 5)).toEqual([{ atMs: 5, kind: 'corrupt', pieces: 2 }]);
  expect(kinds(snapshot({}), snapshot({ finishedAt: 9, savedBy: 1 }))).toEqual(['saved', 'finished']);
});

test('a person is told of once they have said who they are, and not where they leave before that', () => {
  const unknown = { ...states.sharing, peers: states.sharing.peers.map((peer) => ({ ...peer, peerId: null, client: '' })) };
  expect(kinds(states.ready, unknown)).toEqual([]);
  expect(kinds(unknown, states.ready)).toEqual([]);
  expect(kinds(unknown, states.sharing)).toEqual(['joined', 'joined', 'joined']);
});

test('who joined gets the name that comes after the handshake, and keeps it in the log', () => {
  const [peer] = states.sharing.peers;
  const nameless = { ...peer!, name: '' };
  const named = { ...nameless, name: 'Ada' };
  const log = withActivity([], changesBetween(states.ready, { ...states.sharing, peers: [nameless] }, 5), [nameless]);
  const later = withActivity(log, [], [named]);
  expect(later).toEqual([{ atMs: 5, kind: 'joined', peer: named }]);
  expect(withActivity(later, [], [{ ...named, name: 'Eve' }])).toBe(later);
  expect(withActivity(log, [], [{ ...named, peerId: '00'.repeat(20) }])).toBe(log);
});

test('the log keeps the last 300', () => {
  const one = { atMs: 1, kind: 'finished' } as const;
  const last = { atMs: 2, kind: 'finished' } as const;
  const log = withActivity(
    Array.from({ length: 300 }, () => one),
    [last],
    [],
  );
  expect(log).toHaveLength(300);
  expect(log.at(-1)).toBe(last);
});
