import { expect, test, vi } from 'vitest';
import { equalBytes } from '../../../../shared/bytes.ts';
import { FileStream, slackBytes } from './file-stream.ts';

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
}

async function readAll(reader: FileStream, total: number, step: number): Promise<Uint8Array> {
  const whole = new Uint8Array(total);
  let buffer = new ArrayBuffer(step + slackBytes);
  for (let at = 0; at < total; at += step) {
    const length = Math.min(step, total - at);
    buffer = await reader.fill(buffer, length);
    whole.set(new Uint8Array(buffer, 0, length), at);
  }
  return whole;
}

const whole = bytesOf(3_000_000);
const cuts = [0, 10, 10, 500_000, 1_900_000, 1_900_001, 3_000_000];
const files = cuts.slice(1).map((end, i) => new Blob([whole.subarray(cuts[i], end)]));

test('many files are read as one, with reads of any size', async () => {
  for (const step of [3_000_000, 1_000_000, 65_537, 100_000]) {
    expect(equalBytes(await readAll(new FileStream(files), whole.length, step), whole)).toBe(true);
  }
});

test('when a stream stops in the middle, reading continues there with slices', async () => {
  vi.useFakeTimers();
  const stuck = new Blob([whole]);
  let pulls = 0;
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream({
      type: 'bytes',
      pull: (controller) => {
        if (++pulls <= 2) controller.enqueue(whole.slice((pulls - 1) * 700_000, pulls * 700_000));
        else void vi.advanceTimersByTimeAsync(6000);
        return pulls <= 2 ? undefined : new Promise<void>(() => undefined);
      },
    });
  Object.assign(stuck, { stream });
  const read = await readAll(new FileStream([stuck]), whole.length, 1_000_000);
  vi.useRealTimers();
  expect(equalBytes(read, whole)).toBe(true);
  expect(pulls).toBe(3);
});
