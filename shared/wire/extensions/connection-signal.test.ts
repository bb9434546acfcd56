import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../bytes.ts';
import { maxLanes, maxSdpCharacters } from '../../limits.ts';
import { type LaneSignal, readLaneSignal, writeLaneSignal } from './connection-signal.ts';

test('what is written is read back', () => {
  const signals: fc.Arbitrary<LaneSignal> = fc.record({
    lane: fc.integer({ min: 1, max: maxLanes - 1 }),
    type: fc.constantFrom('offer', 'answer'),
    sdp: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 2000 }),
  });
  fc.assert(
    fc.property(signals, (signal) => {
      expect(readLaneSignal(writeLaneSignal(signal))).toEqual(signal);
    }),
  );
});

test.each([
  ['nothing', ''],
  ['no dictionary', 'i1e'],
  ['no lane', 'd6:answeri0e3:sdp1:xe'],
  ['the link itself as a lane', 'd6:answeri0e4:lanei0e3:sdp1:xe'],
  ['a lane too many', `d6:answeri0e4:lanei${maxLanes}e3:sdp1:xe`],
  ['neither offer nor answer', 'd6:answeri2e4:lanei1e3:sdp1:xe'],
  ['no description', 'd6:answeri0e4:lanei1ee'],
  ['an empty description', 'd6:answeri0e4:lanei1e3:sdp0:e'],
  ['a description that is a number', 'd6:answeri0e4:lanei1e3:sdpi5ee'],
  ['a description that is too long', `d6:answeri0e4:lanei1e3:sdp${maxSdpCharacters + 1}:${'x'.repeat(maxSdpCharacters + 1)}e`],
])('a fault: %s', (_, text) => {
  expect(() => readLaneSignal(utf8(text))).toThrow(expect.objectContaining({ code: 'badExtension' }));
});
