import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writtenText } from '../codec/description.ts';
import { readMessages, writeMessage, type ClusterMessage } from './messages.ts';

const binary = (size: object) => fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((unit) => String.fromCharCode(unit)), ...size });
const anId = binary({ minLength: 20, maxLength: 20 });
const mark = fc.tuple(fc.uuid(), fc.nat()).map(([node, epoch]) => `${node}|${epoch}`);

const message: fc.Arbitrary<ClusterMessage> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('offer' as const, 'answer' as const),
    swarm: anId,
    to: anId,
    from: anId,
    mark,
    offerId: binary({ minLength: 1, maxLength: 40 }),
    sdp: binary({ minLength: 1, maxLength: 200 }).map(writtenText),
  }),
  fc.record({ kind: fc.constant('claim' as const), swarm: anId, peerId: anId, mark }),
  fc.record({ kind: fc.constantFrom('held' as const, 'free' as const), swarm: anId, peerId: anId }),
);

test('messages are read as they were written, whatever newlines and quotes they contain', () => {
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      expect(readMessages(`node-1\n${messages.map(writeMessage).join('')}`)).toEqual({ sender: 'node-1', messages });
    }),
  );
});

test('foreign messages and parts of messages are rejected', () => {
  const whole = `node-1\n${writeMessage({ kind: 'offer', swarm: 's'.repeat(20), to: 't'.repeat(20), from: 'f'.repeat(20), mark: 'n|1', offerId: 'o', sdp: 'v=0' })}`;
  expect(readMessages(whole)?.messages).toHaveLength(1);
  for (let cut = 'node-1\n'.length + 1; cut < whole.length; cut++) expect(readMessages(whole.slice(0, cut))).toBeNull();
  for (const text of ['x', '\n', 'n\n5\n', 'n\n[]\n', 'n\n["offer",1]\n', 'n\n["claim",-1]\n', 'n\n[["offer"],0]\n']) {
    expect(readMessages(text)).toBeNull();
  }
});

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 3 }), fc.nat(), fc.string(), (messages, at, noise) => {
      const text = `n\n${messages.map(writeMessage).join('')}`;
      const cut = at % (text.length + 1);
      expect(() => readMessages(text.slice(0, cut) + noise + text.slice(cut))).not.toThrow();
    }),
  );
});

test('a message with content that no client could have sent is left out, the others of its batch are read', () => {
  const offer = {
    kind: 'offer',
    swarm: 's'.repeat(20),
    to: 't'.repeat(20),
    from: 'f'.repeat(20),
    mark: 'n|1',
    offerId: 'o',
    sdp: 'v=0',
  } as const;
  const bad = [
    { offerId: '\u{100}' },
    { offerId: '' },
    { offerId: 'x'.repeat(41) },
    { sdp: '' },
    { sdp: 'v"' },
    { sdp: 'v\n' },
    { sdp: String.raw`v\x` },
    { sdp: '\u{100}' },
    { sdp: 'v'.repeat(16_385) },
    { mark: 'n' },
    { mark: 'n|1\n' },
    { mark: `${'n'.repeat(100)}|1` },
  ];
  for (const change of bad) {
    const batch = `node-1\n${writeMessage({ ...offer, ...change })}${writeMessage(offer)}`;
    expect([change, readMessages(batch)?.messages]).toEqual([change, [offer]]);
  }
});
