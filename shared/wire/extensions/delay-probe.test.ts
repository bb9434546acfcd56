import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DelayMessage, readDelayMessage, writeDelayMessage } from './delay-probe.ts';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('probes and replies are read as they were written', () => {
  const message = fc.oneof(
    word.map((number): DelayMessage => ({ type: 'probe', number })),
    fc.tuple(word, word).map(([number, receivedAt]): DelayMessage => ({ type: 'reply', number, receivedAt })),
  );
  fc.assert(
    fc.property(message, (each) => {
      expect(readDelayMessage(writeDelayMessage(each))).toEqual(each);
    }),
  );
});

test.each([
  ['nothing', []],
  ['another kind', [2, 0, 0, 0, 0]],
  ['a short probe', [0, 0, 0, 0]],
  ['a probe with a time', [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a reply without a time', [1, 0, 0, 0, 0]],
  ['a long reply', [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
])('%s is refused', (_, bytes) => {
  expect(() => readDelayMessage(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ name: 'PeerFault' }));
});
