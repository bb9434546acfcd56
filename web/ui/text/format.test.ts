import { expect, test } from 'vitest';
import { duration, percent, percentMissing, plain as plainNumber, rate, size, timeOfDay } from './format.ts';

const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

test('sizes have at most three digits and decimal units', () => {
  expect([0, 1, 999, 1000, 12_345, 999_949, 999_999, 12_400_000, 8.4e9].map((bytes) => plain(size(bytes)))).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1 kB',
    '12.3 kB',
    '1 MB',
    '1 MB',
    '12.4 MB',
    '8.4 GB',
  ]);
});

test('rates are sizes per second', () => {
  expect(plain(rate(12_400_000))).toBe('12.4 MB/s');
});

test('progress is never 100 % before everything is there, and a missing part is never 0 %', () => {
  expect([0, 0.004, 0.29, 0.999999, 1].map(percent)).toEqual(['0%', '0%', '29%', '99%', '100%']);
  expect([0, 0.0001, 0.03].map(percentMissing)).toEqual(['0%', '1%', '3%']);
});

test('progress and the missing part add up to 100 %', () => {
  const number = (text: string): number => Number.parseInt(text, 10);
  for (let part = 0; part <= 1000; part++) expect(number(percent(part / 1000)) + number(percentMissing(1 - part / 1000))).toBe(100);
});

test('times are rounded', () => {
  expect([0, 3.2, 17, 58, 236, 3590, 10_000, 200_000].map((seconds) => plain(duration(seconds)))).toEqual([
    '1 sec',
    '4 sec',
    '20 sec',
    '1 min',
    '4 min',
    '1 hr',
    '3 hr',
    '2 days',
  ]);
});

test('the date is shown only if it is another day', () => {
  const noon = new Date(2026, 4, 3, 12, 0).getTime();
  expect(timeOfDay(noon, noon + 3_600_000)).not.toContain('2026');
  expect(timeOfDay(noon, noon + 86_400_000)).toContain('2026');
});

test('numbers on the axes of charts keep what tells one tick from the next', () => {
  expect([0, 0.0001, 0.05, 0.5, 12.5, 100].map(plainNumber)).toEqual(['0', '0.0001', '0.05', '0.5', '12.5', '100']);
});
