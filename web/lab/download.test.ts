import { expect, test } from 'vitest';
import { curvesCsv } from './download.ts';

test('curves become a row a frame and a column a leech', () => {
  const curves = {
    seconds: [0, 1.5],
    there: [0, 0.5],
    finished: [0, 0],
    uplinkUse: [0, 1 / 3],
    each: [
      [0, 1],
      [0, 0],
    ],
  };
  expect(curvesCsv(curves)).toBe('seconds,there,finished,uplink use,leech 1,leech 2\n0,0,0,0,0,0\n1.5,0.5,0,0.3333,1,0\n');
});
