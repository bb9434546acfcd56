import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../bytes.ts';
import { maxParallelConnections, maxSdpCharacters } from '../../limits.ts';
import { type ConnectionSignal, readConnectionMessage, writeConnectionCount, writeConnectionSignal } from './connection-signal.ts';

test('what is written is read back', () => {
  const signals: fc.Arbitrary<ConnectionSignal> = fc.record({
    connection: fc.integer({ min: 1, max: maxParallelConnections - 1 }),
    type: fc.constantFrom('offer', 'answer'),
    sdp: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 2000 }),
  });
  fc.assert(
    fc.property(signals, (signal) => {
      expect(readConnectionMessage(writeConnectionSignal(signal))).toEqual(signal);
    }),
  );
});

test('a count is read back', () => {
  for (const count of [1, maxParallelConnections])
    expect(readConnectionMessage(writeConnectionCount(count))).toEqual({ type: 'count', count });
});

test.each([
  ['nothing', ''],
  ['no connection at all', 'd5:counti0ee'],
  ['a count beyond the limit', `d5:counti${maxParallelConnections + 1}ee`],
  ['no dictionary', 'i1e'],
  ['no connection', 'd6:answeri0e3:sdp1:xe'],
  ['the number of the link itself', 'd6:answeri0e4:lanei0e3:sdp1:xe'],
  ['a connection too many', `d6:answeri0e4:lanei${maxParallelConnections}e3:sdp1:xe`],
  ['neither offer nor answer', 'd6:answeri2e4:lanei1e3:sdp1:xe'],
  ['no description', 'd6:answeri0e4:lanei1ee'],
  ['an empty description', 'd6:answeri0e4:lanei1e3:sdp0:e'],
  ['a description that is a number', 'd6:answeri0e4:lanei1e3:sdpi5ee'],
  ['a description that is too long', `d6:answeri0e4:lanei1e3:sdp${maxSdpCharacters + 1}:${'x'.repeat(maxSdpCharacters + 1)}e`],
])('a fault: %s', (_, text) => {
  expect(() => readConnectionMessage(utf8(text))).toThrow(expect.objectContaining({ code: 'badExtension' }));
});
