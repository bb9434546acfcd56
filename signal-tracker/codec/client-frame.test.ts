import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClientMessage, type Announce, type ClientMessage } from '../../shared/tracker/client-messages.ts';
import { readClientFrame } from './client-frame.ts';
import { id } from '../testing/client.ts';
import { mutate, plausibleFrame } from '../testing/frames.ts';

const read = (text: string): ClientMessage => readClientFrame(Buffer.from(text), false);

/** Decodes descriptions, so that both readers return the same. */
function decoded(message: ClientMessage): ClientMessage {
  const text = (raw: string): string => JSON.parse(`"${Buffer.from(raw, 'latin1').toString('utf8')}"`) as string;
  if (message.kind === 'answer') return { ...message, sdp: text(message.sdp) };
  if (message.kind !== 'announce') return message;
  return { ...message, offers: message.offers.map(({ offerId, sdp }) => ({ offerId, sdp: text(sdp) })) };
}

const base = { action: 'announce', info_hash: id('film'), peer_id: id('ann') };

test('a description is kept as written, escapes and UTF-8 included', () => {
  const written = String.raw`v=0\r\no=\u002d \"ü😀\/`;
  const text = JSON.stringify({ ...base, offers: ['SDP'] }).replace(
    '"SDP"',
    `{"offer":{"sdp":"${written}","type":"offer"},"offer_id":"o"}`,
  );
  const message = read(text) as Announce;
  expect(Buffer.from(message.offers[0]!.sdp, 'latin1').toString('utf8')).toBe(written);
});

test('a description of up to 16 KiB as written is accepted, a longer one is ignored', () => {
  const withSdp = (sdp: string) => read(JSON.stringify({ ...base, offers: [{ offer: { type: 'offer', sdp }, offer_id: 'o' }] }));
  expect(withSdp('\n'.repeat(8192))).toMatchObject({ offers: [{ offerId: 'o' }] });
  expect(withSdp(`x${'\n'.repeat(8192)}`)).toMatchObject({ offers: [] });
});

test('a description is measured as written also where it takes the slow way: what is relayed must fit into a frame', () => {
  const withSdp = (text: string): ClientMessage => read(text.replace('"sdp"', '"sdp" '));
  const offer = (sdp: string): string => JSON.stringify({ ...base, offers: [{ offer: { type: 'offer', sdp }, offer_id: 'o' }] });
  const answer = (sdp: string): string =>
    JSON.stringify({ ...base, to_peer_id: id('bob'), offer_id: 'o', answer: { type: 'answer', sdp } });
  expect(withSdp(offer('\n'.repeat(8192)))).toMatchObject({ offers: [{ offerId: 'o' }] });
  expect(withSdp(offer('\u0001'.repeat(8192)))).toMatchObject({ kind: 'announce', offers: [] });
  expect(withSdp(answer('\n'.repeat(8192)))).toMatchObject({ kind: 'answer' });
  expect(withSdp(answer('\u0001'.repeat(8192)))).toMatchObject({ kind: 'refused', infoHash: id('film') });
});

test('a description reads back the same wherever any character stands in it, valid or not', () => {
  for (let unit = 0; unit < 256; unit++) {
    const any = String.fromCharCode(unit);
    for (const written of [`a${any}z`, `\\${any}z`, `\\\\${any}`]) {
      const text = `{"offers":[{"offer":{"sdp":"${written}","type":"offer"},"offer_id":"o"}],${JSON.stringify(base).slice(1)}`;
      expect([written, decoded(read(text))]).toEqual([written, parseClientMessage(text)]);
    }
  }
});

test.each([
  String.raw`"sdp" : "SDP"`,
  String.raw`"\u0073dp":"SDP"`,
  String.raw`"sdp":"other","sdp":"SDP"`,
  String.raw`"x\"sdp":"no","sdp":"SDP"`,
  String.raw`"sdp":"","sdp": "SDP"`,
  String.raw`"sdp":"SDP","x":{"sdp":"no"}`,
])('a description is found however its name is written, and wherever it stands: %s', (member) => {
  const offer = member.replace('SDP', String.raw`v=0\r\n\"ü\\`);
  const text = `{"offers":[{"offer":{${offer},"type":"offer"},"offer_id":"o"}],${JSON.stringify(base).slice(1)}`;
  expect(parseClientMessage(text)).toMatchObject({ offers: [{ offerId: 'o', sdp: 'v=0\r\n"ü\\' }] });
  expect(decoded(read(text))).toEqual(parseClientMessage(text));
});

test('all 256 byte values are legal in ids, written as UTF-8 or escaped', () => {
  for (let first = 0; first < 256; first += 16) {
    const name = String.fromCharCode(...Array.from({ length: 20 }, (_, index) => (first + index) % 256));
    const escapes = Array.from(name, (unit) => String.raw`\u00${unit.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
    expect(read(JSON.stringify({ ...base, info_hash: name }))).toMatchObject({ kind: 'announce', infoHash: name });
    expect(read(JSON.stringify({ ...base, info_hash: '?' }).replace('?', escapes))).toMatchObject({ kind: 'announce', infoHash: name });
  }
});

test('binary frames are checked for UTF-8', () => {
  const text = JSON.stringify({ ...base, extra: '?' });
  expect(readClientFrame(Buffer.from(text), true)).toMatchObject({ kind: 'announce' });
  expect(readClientFrame(Buffer.from(text.replace('?', '\u{ff}'), 'latin1'), true)).toMatchObject({ kind: 'refused' });
});

test('a frame that nests 30,000 levels deep is read within 50 ms', () => {
  const nested = `{"x":${'['.repeat(30_000)}${']'.repeat(30_000)},${JSON.stringify(base).slice(1)}`;
  const milliseconds = Array.from({ length: 5 }, () => {
    const before = performance.now();
    expect(read(nested)).toMatchObject({ kind: 'announce' });
    return performance.now() - before;
  });
  // The best of five: on a busy machine any one of them may wait.
  expect(Math.min(...milliseconds)).toBeLessThan(50);
});

test.each([
  '',
  ' ',
  '{',
  '{}',
  '{ }',
  '[]',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{,}',
  '{"a":1 "b":2}',
  '{"a":01}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":-}',
  '{"a":-0}',
  '{"a":1e5}',
  '{"a":+1}',
  '{"a":tru}',
  '{"a":truex}',
  '{"a":nul',
  '{"a":"\\x"}',
  '{"a":"\\u12g4"}',
  '{"a":"\\u12"}',
  '{"a":"\t"}',
  '{"a":"\\"}',
  '{"a":[1,]}',
  '{"a":[,1]}',
  '{"a":[1 2]}',
  '{"a":[}',
  '{}x',
  '{} ',
  '\u{feff}{}',
  '{"action":"announce"}',
  '{"\\u0061ction":"scrape","info_hash":5}',
  `{"action":"announce","action":"scrape","info_hash":"${id('a')}"}`,
  `{"action":"scrape","info_hash":["${id('a')}"],"info_hash":null}`,
  '{"action":"scrape","info_hash":{}}',
  '{"a":9007199254740993}',
  '{"a":1e400}',
  '\u{a0}{}',
])('read as JSON.parse does: %j', (text) => {
  expect(decoded(read(text))).toEqual(parseClientMessage(text));
});

test('announces, answers and scrapes, whole or damaged, are read as by the reader that decodes everything', () => {
  fc.assert(
    fc.property(plausibleFrame, fc.array(mutate, { maxLength: 4 }), (frame, changes) => {
      const text = changes.reduce((changed, change) => change(changed), JSON.stringify(frame));
      // Lone surrogates cannot travel.
      const travelled = Buffer.from(text).toString();
      expect(decoded(read(travelled))).toEqual(parseClientMessage(travelled));
    }),
    { numRuns: 2000 },
  );
});
