import { afterEach, expect, test, vi } from 'vitest';
import { certificatesOf, ownCertificate } from './certificate.ts';

afterEach(() => vi.unstubAllGlobals());

test('a page without a certificate of its own goes on: each connection makes one', async () => {
  vi.stubGlobal('RTCPeerConnection', {});
  expect(await ownCertificate()).toBeNull();
  expect(certificatesOf(null, 0)).toEqual([]);
});

test('a certificate is used until it expires: a browser would refuse the connection', () => {
  const own = { expires: 1000 } as RTCCertificate;
  expect([certificatesOf(own, 999), certificatesOf(own, 1000)]).toEqual([[own], []]);
});
