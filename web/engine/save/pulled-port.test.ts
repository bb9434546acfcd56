import { expect, test } from 'vitest';
import { PulledPort } from './pulled-port.ts';

function opened() {
  const { port1: other, port2 } = new MessageChannel();
  const got: number[][] = [];
  other.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => got.push(Array.from(new Uint8Array(data)));
  return { port: new PulledPort(port2), other, got };
}

test('a buffer that came back is filled again, and one of another length is not used', async () => {
  const { port, other, got } = opened();
  other.postMessage({ pull: true, done: Uint8Array.of(1, 2, 3).buffer });
  expect(await port.pulled()).toBe(true);
  port.send(Uint8Array.of(7, 8, 9));
  other.postMessage({ pull: true, done: new ArrayBuffer(5) });
  expect(await port.pulled()).toBe(true);
  port.send(Uint8Array.of(4, 5));
  await expect
    .poll(() => got)
    .toEqual([
      [7, 8, 9],
      [4, 5],
    ]);
  other.close();
});

test('what is sent is a copy: the bytes stay with their owner', async () => {
  const { port, other, got } = opened();
  const bytes = Uint8Array.of(1, 2);
  port.send(bytes);
  await expect.poll(() => got.length).toBe(1);
  expect([...bytes]).toEqual([1, 2]);
  other.close();
});

test('a pull that never comes ends when the other side cancels', async () => {
  const { port, other } = opened();
  const pulled = port.pulled();
  other.postMessage({ cancel: true });
  expect(await pulled).toBe(false);
  expect(port.closed.aborted).toBe(true);
});
