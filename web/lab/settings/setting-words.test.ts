import { expect, test } from 'vitest';
import { usualSettings } from './lab-settings.ts';
import { differences } from './setting-words.ts';

test('two runs are told apart by what differs between them', () => {
  const other = { ...usualSettings, poisoners: 20, order: 'sequential', churn: true } as const;
  expect(differences(other, usualSettings)).toEqual([
    'Poisoners, %: 20',
    'Which piece first: In the order of the file',
    'People come and go: ✓',
  ]);
  expect(differences(usualSettings, other)).toEqual(['Poisoners, %: 0', 'Which piece first: The rarest (usual)', 'People come and go: –']);
  expect(differences(usualSettings, usualSettings)).toEqual([]);
});
