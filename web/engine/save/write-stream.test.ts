import { expect, test } from 'vitest';
import { writeStream } from './write-stream.ts';

test('a stream whose engine ends while a chunk is written fails, and nothing is left of the file', async () => {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => port2.postMessage(new ArrayBuffer(2));
  const happened: string[] = [];
  const writable = {
    write: async () => {
      port2.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
    abort: () => Promise.resolve(void happened.push('aborted')),
  };
  const handle = { name: 'film', createWritable: () => Promise.resolve(writable) } as unknown as FileSystemFileHandle;
  await expect(writeStream(port1, 30, handle)).rejects.toThrow('notComplete');
  expect(happened).toEqual(['aborted']);
});
