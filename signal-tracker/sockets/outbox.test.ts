import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { MemoryStore } from '../swarms/memory-store.ts';
import { id, TestClient } from '../testing/client.ts';
import { TrackerServer } from './websocket-server.ts';

test('a message that cannot be written closes its own socket, and nothing else', async () => {
  const server = new TrackerServer(new MemoryStore(seededRandom(1)), () => performance.now());
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  http.on('upgrade', (request, stream, head) => server.upgrade(request, stream, head));
  const { port } = http.address() as AddressInfo;
  const first = await TestClient.open(port);
  const second = await TestClient.open(port);
  const closed = once(first.socket, 'close');
  const offer = { kind: 'offer', infoHash: id('film'), peerId: id('ann'), sdp: 'v=0' } as const;
  server.perform((out) => out.push({ ...offer, to: 1, offerId: '\u{100}' }, { ...offer, to: 2, offerId: 'good' }));
  expect(await second.next()).toMatchObject({ offer_id: 'good' });
  await closed;
  await server.close();
  http.close();
});
