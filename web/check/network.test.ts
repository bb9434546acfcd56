import { afterEach, expect, test, vi } from 'vitest';
import { checkNetwork } from './network.ts';

const stun = [{ urls: 'stun:one.example' }, { urls: 'stun:two.example' }];

afterEach(() => vi.unstubAllGlobals());

/** Node has no WebRTC whose router a test could choose: a connection that finds these candidates, each over UDP. */
function findsAtOnce(candidates: readonly object[]): void {
  class Connection {
    onicecandidate: (event: object) => void = () => undefined;
    readonly createDataChannel = (): void => undefined;
    readonly close = (): void => undefined;
    async createOffer(): Promise<object> {
      return {};
    }
    async setLocalDescription(): Promise<void> {
      for (const found of candidates) this.onicecandidate({ candidate: { protocol: 'udp', candidate: 'found', ...found } });
      this.onicecandidate({ candidate: null });
    }
  }
  vi.stubGlobal('RTCPeerConnection', Connection);
}

const host = (foundation: string) => ({ type: 'host', foundation, address: `${foundation}.local`, port: 50_000 });
const mapped = (port: number, foundation = 'mapped', address = '203.0.113.5') => ({ type: 'srflx', foundation, address, port });

test.each([
  ['one socket under one port', [host('v4'), mapped(1), mapped(1)], false],
  ['one socket under a port for each server', [host('v4'), mapped(1), mapped(2)], true],
  ['the same beside a socket of IPv6', [host('v4'), host('v6'), mapped(1), mapped(2)], true],
  ['two sockets under a port each', [host('wifi'), host('cable'), mapped(1, 'a'), mapped(2, 'b'), mapped(1, 'a'), mapped(2, 'b')], false],
  ['two sockets under more ports', [host('wifi'), host('cable'), mapped(1, 'a'), mapped(2, 'b'), mapped(3, 'a'), mapped(4, 'b')], true],
  ['IPv6 without a router beside IPv4', [host('v4'), host('v6'), mapped(1), mapped(50_000, 'global', '2001:db8::1')], false],
])('a strict router has more ports than sockets: %s', async (_, candidates, symmetric) => {
  findsAtOnce(candidates);
  expect((await checkNetwork(stun)).symmetric).toBe(symmetric);
});

test('the check ends where the browser refuses a server', async () => {
  vi.stubGlobal('RTCPeerConnection', function refuse() {
    throw new DOMException('Invalid port', 'SyntaxError');
  });
  expect(await checkNetwork(stun)).toEqual({ stunServers: 2, hosts: 0, reflexive: 0, symmetric: false });
});
