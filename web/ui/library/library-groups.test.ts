import { expect, test } from 'vitest';
import { snapshot } from '../fixtures/snapshots.ts';
import { groupsOf } from './library-groups.ts';

const own = { mine: true, source: 'unreachable' } as const;

function names(...changes: readonly Parameters<typeof snapshot>[0][]): string[] {
  return groupsOf(changes.map((change) => ({ snapshot: snapshot(change) }))).map(({ name }) => name);
}

test('an own share whose files are out of reach comes first, in a group of its own, even where a part of it is here', () => {
  const lacking = { ...own, phase: 'stalled', waiting: 'files' } as const;
  expect(names({ mine: true, phase: 'seeding' }, lacking, { phase: 'downloading' })).toEqual(['lacking', 'downloading', 'sharing']);
  expect(names({ ...lacking, source: 'partly' })).toEqual(['lacking']);
});

test('once it was asked of others it is a download; paused it asks for nothing', () => {
  expect(names({ ...own, phase: 'downloading' })).toEqual(['downloading']);
  expect(names({ ...own, phase: 'stalled', waiting: 'nobody' })).toEqual(['downloading']);
  expect(names({ ...own, phase: 'paused' })).toEqual(['paused']);
});

test('own shares are shared while they are prepared, whole or looked at; what was received is finished', () => {
  const phases = ['hashing', 'checking', 'seeding'] as const;
  expect(phases.flatMap((phase) => names({ mine: true, phase }))).toEqual(['sharing', 'sharing', 'sharing']);
  expect(names({ phase: 'seeding' })).toEqual(['finished']);
  expect(names({ phase: 'checking' })).toEqual(['downloading']);
});
