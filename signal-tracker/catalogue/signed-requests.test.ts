import { expect, test } from 'vitest';
import { freshMs, SignedRequests } from './signed-requests.ts';
import { TestPublisher } from '../testing/publisher.ts';

async function setting() {
  let nowMs = 1_700_000_000_000;
  const requests = new SignedRequests(() => nowMs);
  const ann = await TestPublisher.make();
  const signed = async (text: string, ageMs = 0) => ({
    publicKey: ann.publicKey,
    signedAtMs: nowMs - ageMs,
    signature: await ann.sign(text),
  });
  return { requests, ann, signed, pass: (ms: number) => (nowMs += ms) };
}

test('a fresh signed request is admitted once', async () => {
  const { requests, signed } = await setting();
  const request = await signed('words');
  expect(await requests.admit(request, 'film', 'words')).toBeNull();
  expect(await requests.admit(request, 'film', 'words')).toBe('replayed');
  const copies = await signed('words', -1);
  const both = await Promise.all([requests.admit(copies, 'film', 'words'), requests.admit(copies, 'film', 'words')]);
  expect(new Set(both)).toEqual(new Set([null, 'replayed']));
});

test('an older request is refused after a newer one on the same subject', async () => {
  const { requests, signed } = await setting();
  const older = await signed('words', 10);
  expect(await requests.admit(await signed('words'), 'film', 'words')).toBeNull();
  expect(await requests.admit(older, 'film', 'words')).toBe('replayed');
  expect(await requests.admit(older, 'songs', 'words')).toBeNull();
});

test('forged: another text, another key, a changed signature, invalid keys and signatures', async () => {
  const { requests, signed } = await setting();
  const request = await signed('words');
  const bob = await TestPublisher.make();
  const refused = async (change: object, text = 'words') => requests.admit({ ...request, ...change }, 'film', text);
  const turned = Buffer.from(request.signature, 'base64url');
  turned[5]! ^= 1;
  expect(await refused({}, 'other words')).toBe('forged');
  expect(await refused({ publicKey: bob.publicKey })).toBe('forged');
  expect(await refused({ signature: turned.toString('base64url') })).toBe('forged');
  expect(await refused({ signature: Buffer.alloc(64).toString('base64url') })).toBe('forged');
  for (const text of ['', 'x', request.signature.slice(1), `${request.signature}=`])
    expect(await refused({ signature: text })).toBe('forged');
  const noPoint = Buffer.alloc(65, 7);
  noPoint[0] = 4;
  for (const key of ['', noPoint.toString('base64url'), Buffer.alloc(65).toString('base64url'), `${request.publicKey} `])
    expect(await refused({ publicKey: key })).toBe('forged');
  // A forgery has no effect: the true request is still admitted.
  expect(await refused({})).toBeNull();
});

test('stale and future requests are refused, and older ones are forgotten', async () => {
  const { requests, signed, pass } = await setting();
  expect(await requests.admit(await signed('words', freshMs + 1), 'film', 'words')).toBe('stale');
  expect(await requests.admit(await signed('words', -freshMs - 1), 'film', 'words')).toBe('stale');
  const early = await signed('words', -freshMs);
  expect(await requests.admit(early, 'film', 'words')).toBeNull();
  pass(2 * freshMs);
  requests.sweep();
  expect(await requests.admit(early, 'film', 'words')).toBe('replayed');
  pass(1);
  requests.sweep();
  expect(await requests.admit(early, 'film', 'words')).toBe('stale');
});
