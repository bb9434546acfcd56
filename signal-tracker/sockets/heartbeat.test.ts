import { expect, test } from 'vitest';
import { Heartbeat, wheelSlots } from './heartbeat.ts';

class Socket {
  missedPings = 0;
  pings = 0;
  terminated = false;
  ping(): void {
    this.pings += 1;
  }
  terminate(): void {
    this.terminated = true;
  }
}

test('a round takes 25 to 30 s', () => {
  expect(wheelSlots).toBeGreaterThanOrEqual(25);
  expect(wheelSlots).toBeLessThanOrEqual(30);
});

function turns(heartbeat: Heartbeat<Socket>, count: number): void {
  for (let turn = 0; turn < count; turn++) heartbeat.turn();
}

test('every socket is pinged once a round, evenly spread', () => {
  const heartbeat = new Heartbeat<Socket>();
  const sockets = Array.from({ length: 2 * wheelSlots }, () => new Socket());
  for (const socket of sockets) heartbeat.add(socket);
  heartbeat.turn();
  expect(sockets.filter(({ pings }) => pings === 1)).toHaveLength(2);
  turns(heartbeat, wheelSlots - 1);
  expect(sockets.every(({ pings }) => pings === 1)).toBe(true);
});

test('a socket that misses two pings is terminated in the next round', () => {
  const heartbeat = new Heartbeat<Socket>();
  const [silent, lively] = [new Socket(), new Socket()];
  heartbeat.add(silent);
  heartbeat.add(lively);
  for (let round = 0; round < 3; round++) {
    expect(silent.terminated).toBe(false);
    turns(heartbeat, wheelSlots);
    lively.missedPings = 0;
  }
  expect([silent.terminated, lively.terminated]).toEqual([true, false]);
});

test('a removed socket is not pinged', () => {
  const heartbeat = new Heartbeat<Socket>();
  const socket = new Socket();
  heartbeat.remove(socket, heartbeat.add(socket));
  turns(heartbeat, wheelSlots);
  expect(socket.pings).toBe(0);
});
