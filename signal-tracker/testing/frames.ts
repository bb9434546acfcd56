import fc from 'fast-check';
import { id } from './client.ts';

/** Valid and nearly valid client frames, and mutations of their text. */

const anyId = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(id('ann'), id('bob'), id('film'), 'propertyIsEnumerable', 'x'.repeat(32)) },
  { weight: 2, arbitrary: fc.string({ unit: fc.nat(255).map((unit) => String.fromCharCode(unit)), minLength: 17, maxLength: 41 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

const description = (type: string) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant(type), sdp: fc.string({ unit: 'grapheme', minLength: 1 }) }) },
    { weight: 1, arbitrary: fc.record({ sdp: fc.string(), type: fc.constantFrom('offer', 'answer', null) }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );

const offers = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.record({ offer: description('offer'), offer_id: anyId }), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

const number = fc.oneof(fc.nat(60), fc.constantFrom(0, -0, -1, 7.9, 1e21, 1e-7), fc.jsonValue());

/** An announce, an answer or a scrape, or nearly one. */
export const plausibleFrame = fc.record(
  {
    action: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('announce', 'announce', 'scrape') }, { weight: 1, arbitrary: fc.jsonValue() }),
    info_hash: fc.oneof(anyId, anyId, fc.array(anyId, { maxLength: 4 })),
    peer_id: anyId,
    numwant: number,
    left: number,
    event: fc.oneof(fc.constantFrom('started', 'completed', 'stopped', 'paused', 'constructor'), fc.jsonValue()),
    offers,
    unreachable: fc.oneof(fc.array(anyId, { maxLength: 12 }), fc.jsonValue()),
    to_peer_id: anyId,
    offer_id: anyId,
    answer: fc.oneof({ weight: 1, arbitrary: description('answer') }, { weight: 3, arbitrary: fc.constant(undefined) }),
    extra: fc.jsonValue(),
  },
  { requiredKeys: ['action', 'info_hash', 'peer_id'] },
);

const cut = fc.record({ at: fc.nat(), length: fc.nat(20) }).map(({ at, length }) => (text: string) => {
  const from = at % (text.length + 1);
  return text.slice(0, from) + text.slice(from + length);
});

const insert = fc
  .record({
    at: fc.nat(),
    piece: fc.oneof(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '\\u00e9', '-', '1e9', ' ', '\n', '\u{1}', 'null', 'ÿ', 'Ā'),
      fc.string(),
    ),
  })
  .map(({ at, piece }) => (text: string) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + piece + text.slice(from);
  });

const repeat = fc.record({ at: fc.nat(), length: fc.nat(60) }).map(({ at, length }) => (text: string) => {
  const from = at % (text.length + 1);
  return text.slice(0, from + length) + text.slice(from);
});

/** A mutation of a text: something removed, inserted or repeated. */
export const mutate: fc.Arbitrary<(text: string) => string> = fc.oneof(cut, insert, repeat);
