import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readmeWithAims, runAims } from './aims.ts';

test('the table of aims shows the runs that were kept: npm run lab -- aims --seeds 0 writes it again', () => {
  expect(readFileSync('shared/lab/README.md', 'utf8')).toBe(readmeWithAims());
});

test('an unknown world or policy is named with those that exist', () => {
  const request = { first: 1, seeds: 1, world: '', policy: 'turns', isFresh: false, print: String };
  expect(() => runAims({ ...request, world: 'moon' })).toThrow('No world has "moon" in its name. There are: 40 leeches;');
  expect(() => runAims({ ...request, policy: 'barter' })).toThrow('There is no policy "barter". There are: turns, tit for tat.');
});
