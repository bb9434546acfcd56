import { expect, test } from 'vitest';
import { clientServerMs, fluidMs, jain, piecesMs } from './bounds.ts';

const share = { fileBytes: 1000, seedUp: 100, leechUps: [50, 50, 50, 50], leastDown: 1000 };

test('client–server time grows with the number of leeches', () => {
  expect(clientServerMs(share)).toBe(40_000);
  expect(clientServerMs({ ...share, leastDown: 10 })).toBe(100_000);
});

test('the fluid bound is the largest of the bounds by seed, downlink and total capacity', () => {
  expect(fluidMs(share)).toBeCloseTo((4 * 1000 * 1000) / 300, 6);
  expect(fluidMs({ ...share, leechUps: [400, 400] })).toBe(10_000);
  expect(fluidMs({ ...share, leastDown: 20 })).toBe(50_000);
});

test('K pieces add a start-up of log₂ N piece times: 1.018 at N = 1000, K = 512; 1.14 at K = 64', () => {
  expect(piecesMs(1000, 1000, 1000, 512)).toBeCloseTo(1017.6, 1);
  expect(piecesMs(1000, 1000, 1000, 64)).toBeCloseTo(1140.6, 1);
});

test('fairness is 1 among equals and 1/n for a monopoly', () => {
  expect(jain([3, 3, 3])).toBeCloseTo(1);
  expect(jain([1, 0, 0, 0])).toBeCloseTo(0.25);
  expect(jain([])).toBe(1);
});
