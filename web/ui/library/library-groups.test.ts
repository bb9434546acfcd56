import { expect, test } from 'vitest';
import { snapshot } from '../fixtures/snapshots.ts';
import { arranged } from './library-list.ts';

const own = { mine: true, source: 'unreachable' } as const;

function names(...changes: readonly Parameters<typeof snapshot>[0][]): string[] {
  return arranged(
    changes.map((change) => ({ snapshot: snapshot(change) })),
    { key: 'state', descending: false },
  ).map(({ name }) => name ?? '');
}

test('your own share that needs its files comes first, in its own group, even if a part of it is readable', () => {
  const noFiles = { ...own, phase: 'stalled', waiting: 'files' } as const;
  expect(names({ mine: true, phase: 'seeding' }, noFiles, { phase: 'downloading' })).toEqual(['needsFiles', 'downloading', 'sharing']);
  expect(names({ ...noFiles, source: 'partly' })).toEqual(['needsFiles']);
});

test('a share that you download again from others is a download; a paused one is paused', () => {
  expect(names({ ...own, phase: 'downloading' })).toEqual(['downloading']);
  expect(names({ ...own, phase: 'stalled', waiting: 'nobody' })).toEqual(['downloading']);
  expect(names({ ...own, phase: 'paused' })).toEqual(['paused']);
});

test('a link that was only opened is not started', () => {
  expect(names({ phase: 'metadata', waiting: 'confirmation' }, { phase: 'metadata', waiting: 'looking' })).toEqual(['notStarted']);
});

test('your own shares are in Sharing while they are hashed, checked or seeding; a complete download is in Finished', () => {
  const phases = ['hashing', 'checking', 'seeding'] as const;
  expect(phases.flatMap((phase) => names({ mine: true, phase }))).toEqual(['sharing', 'sharing', 'sharing']);
  expect(names({ phase: 'seeding' })).toEqual(['finished']);
  expect(names({ phase: 'checking' })).toEqual(['downloading']);
});
