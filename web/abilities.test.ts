import { expect, test } from 'vitest';
import { missingAbility } from './abilities.ts';

const whole = { isSecureContext: true, Worker: Object, RTCPeerConnection: Object, indexedDB: {} };
const without = (name: keyof typeof whole) =>
  missingAbility({ ...whole, [name]: name === 'isSecureContext' ? false : undefined } as unknown as typeof globalThis);

test('each missing ability has its own code', () => {
  expect(missingAbility(whole as unknown as typeof globalThis)).toBeNull();
  expect((['isSecureContext', 'Worker', 'RTCPeerConnection', 'indexedDB'] as const).map(without)).toEqual([
    'notSecure',
    'noWorker',
    'noWebRtc',
    'noIndexedDb',
  ]);
});
