import { expect, test } from 'vitest';
import { credentialSeconds, iceAnswer, turnCredential } from './ice.ts';

test('the password is base64(HMAC-SHA1(secret, user name)), the user name its expiry and an id', () => {
  const { username, credential } = turnCredential('north', 1_700_000_000.9, 'ann');
  expect(username).toBe(`${1_700_000_000 + credentialSeconds}:ann`);
  // printf %s 1700086400:ann | openssl dgst -sha1 -hmac north -binary | base64
  expect(credential).toBe('7FWQB06tq8mR4TsnapfLHms2f5Y=');
});

test('STUN only: no credentials', () => {
  expect(
    iceAnswer(
      { stun: ['stun:a', 'stun:b'], turn: null, trackers: ['wss://t'], catalogue: false, lanOrigin: () => 'https://192.168.1.5:8000' },
      0,
    ),
  ).toEqual({
    iceServers: [{ urls: 'stun:a' }, { urls: 'stun:b' }],
    trackers: ['wss://t'],
    catalogue: false,
    lanOrigin: 'https://192.168.1.5:8000',
  });
});

test('all TURN servers of an answer share one credential, and every answer has another one', () => {
  const turn = { urls: ['turn:a', 'turns:a?transport=tcp'], secret: 'north' };
  const [one, other] = [
    iceAnswer({ stun: [], turn, trackers: [], catalogue: false, lanOrigin: () => null }, 5),
    iceAnswer({ stun: [], turn, trackers: [], catalogue: false, lanOrigin: () => null }, 5),
  ];
  expect(one.iceServers).toHaveLength(1);
  expect(one.iceServers[0]).toMatchObject({ urls: turn.urls, username: expect.stringMatching(/^86405:[\da-f]{12}$/) });
  expect(one.iceServers[0]!.username).not.toBe(other.iceServers[0]!.username);
  expect(JSON.stringify(one)).not.toContain('north');
});
