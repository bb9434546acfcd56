import { expect, test } from 'vitest';
import { displayText } from './display-text.ts';

test('text from strangers loses control and bidirectional formatting characters, and what is too long', () => {
  expect(displayText('\u202egpj.exe\u0007')).toBe('gpj.exe');
  expect(displayText('x'.repeat(1000))).toHaveLength(255);
});
