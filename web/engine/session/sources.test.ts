import { expect, test } from 'vitest';
import { unaskedOf } from './sources.ts';

test('before the click only our own trackers and two secure ones of the link are asked', () => {
  const own = ['wss://here.example/announce'];
  const named = [
    'ws://near.example',
    'wss://a.example',
    'wss://here.example/other',
    'wss://b.example',
    'wss://c.example',
    'ws://d.example',
  ];
  expect(unaskedOf(named, own)).toEqual(['wss://a.example', 'wss://here.example/other', 'wss://b.example']);
  expect(unaskedOf([...named, ...own], own)).toEqual(['wss://a.example', 'wss://here.example/other', 'wss://b.example', ...own]);
  expect(unaskedOf(['ws://localhost:8000/announce'], ['ws://localhost:8000/announce'])).toEqual(['ws://localhost:8000/announce']);
});
