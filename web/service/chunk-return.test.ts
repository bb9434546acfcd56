import { expect, test } from 'vitest';
import { ChunkReturn } from './chunk-return.ts';

/** A port that notes the first byte of each buffer that goes back; `-` for a pull without one. */
function noting() {
  const noted: (number | '-')[] = [];
  const postMessage = ({ done }: { done?: ArrayBuffer }, transfer: ArrayBuffer[] = []): void => {
    noted.push(done === undefined ? '-' : new Uint8Array(done)[0]!);
    expect(transfer).toEqual(done === undefined ? [] : [done]);
  };
  return { noted, port: { postMessage } as unknown as MessagePort };
}

test('a chunk goes back when eight others have followed it, each once and in order', () => {
  const { noted, port } = noting();
  const chunks = new ChunkReturn();
  for (let chunk = 0; chunk < 11; chunk++) {
    chunks.pull(port);
    chunks.handedOn(Uint8Array.of(chunk).buffer);
  }
  chunks.pull(port);
  expect(noted).toEqual([...Array.from({ length: 9 }, () => '-'), 0, 1, 2]);
});

test('a chunk whose buffer the browser took is not given back', () => {
  const { noted, port } = noting();
  const chunks = new ChunkReturn();
  const taken = Uint8Array.of(7).buffer;
  structuredClone(taken, { transfer: [taken] });
  chunks.handedOn(taken);
  for (let chunk = 0; chunk < 8; chunk++) chunks.handedOn(new ArrayBuffer(1));
  chunks.pull(port);
  expect(noted).toEqual(['-']);
});
