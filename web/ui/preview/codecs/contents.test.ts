import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedBytes } from './bounded-bytes.ts';
import { type Contents, contentsOf } from './contents.ts';

const sample = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** The contents, and how much was read to know them. */
async function look(file: Uint8Array, length = file.length): Promise<Contents & { readonly readings: number; readonly bytesRead: number }> {
  let [readings, bytesRead] = [0, 0];
  const bytes = new BoundedBytes(length, async (offset, count) => {
    expect(offset >= 0 && count > 0 && offset + count <= length).toBe(true);
    readings++;
    bytesRead += count;
    // What a sparse file does not have is zeros.
    const part = new Uint8Array(count);
    part.set(file.subarray(offset, offset + count));
    return part;
  });
  return { ...(await contentsOf(bytes)), readings, bytesRead };
}

const letters = (text: string): Buffer => Buffer.from(text, 'latin1');

function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(8 + body.length);
  return Buffer.concat([size, letters(type), body]);
}

/** A track of an MP4 file with these formats. */
const track = (...types: readonly string[]): Buffer =>
  box(
    'trak',
    box('tkhd', Buffer.alloc(84)),
    box('mdia', box('minf', box('stbl', box('stsd', Buffer.alloc(8), ...types.map((type) => box(type, Buffer.alloc(30))))))),
  );

test('files that were made by ffmpeg', async () => {
  const contents = async (name: string) => {
    const { container, codecs } = await look(sample(name));
    return [container, ...codecs];
  };
  expect(await contents('hevc.mp4')).toEqual([null, 'HEVC (H.265)']);
  expect(await contents('h264-ac3.mp4')).toEqual([null, 'H.264', 'AC-3 (Dolby Digital)']);
  expect(await contents('hevc-opus.mkv')).toEqual([null, 'HEVC (H.265)', 'Opus']);
  expect(await contents('xvid-mp3.avi')).toEqual(['AVI', 'MPEG-4 Part 2 (DivX, Xvid)', 'MP3']);
  expect(await contents('alac.m4a')).toEqual([null, 'ALAC']);
  expect(await contents('theora.ogv')).toEqual([null, 'Theora']);
  expect(await contents('speex.spx')).toEqual([null, 'Speex']);
  expect(await contents('ima.wav')).toEqual([null, 'ADPCM']);
});

test('the list of tracks of a film of 40 GB stands at its end, behind a size of 64 bits', async () => {
  const length = 40e9;
  const index = box('moov', box('mvhd', Buffer.alloc(100)), track('hev1'), track('dtsc', 'mp4a'));
  const large = Buffer.alloc(16);
  large.writeUInt32BE(1);
  large.write('mdat', 4);
  const start = Buffer.concat([box('ftyp', letters('isom')), large]);
  start.writeBigUInt64BE(BigInt(length - index.length - (start.length - 16)), start.length - 8);
  const bytes = new BoundedBytes(length, async (offset, count) => {
    const part = Buffer.alloc(count);
    for (const [at, known] of [[0, start] as const, [length - index.length, index] as const]) {
      for (let place = 0; place < known.length; place++) {
        const to = at + place - offset;
        if (to >= 0 && to < count) part[to] = known[place]!;
      }
    }
    return part;
  });
  expect((await contentsOf(bytes)).codecs).toEqual(['HEVC (H.265)', 'DTS', 'AAC']);
});

test('containers that no browser opens are known by their beginning', async () => {
  const packets = Buffer.alloc(1000);
  for (let at = 0; at < 1000; at += 188) packets[at] = 0x47;
  const starts: readonly (readonly [string, Uint8Array])[] = [
    ['Flash Video', letters('FLV\u0001\u0005')],
    ['Windows Media', Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex')],
    ['RealMedia', letters('.RMF\0\0')],
    ['MPEG', Buffer.from('000001ba44', 'hex')],
    ['MPEG-TS', packets],
    ['AIFF', letters('FORM\0\0\0\0AIFFCOMM')],
  ];
  for (const [name, start] of starts) expect((await look(start)).container).toBe(name);
});

test('what is no film says nothing', async () => {
  for (const text of ['', 'a', '<!doctype html><script>', '\0'.repeat(5000), 'RIFF\0\0\0\0WEBPVP8 ', '%PDF-1.4']) {
    expect(await look(letters(text))).toMatchObject({ container: null, codecs: [] });
  }
});

test('a file that is cut off anywhere, or broken anywhere, ends the look, and says nothing that is not in it', async () => {
  const files = ['hevc.mp4', 'hevc-opus.mkv', 'xvid-mp3.avi', 'theora.ogv', 'ima.wav'].map(sample);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.tuple(fc.nat(1500), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      async (file, end, changes) => {
        const broken = Buffer.from(file.subarray(0, Math.ceil(file.length * end)));
        for (const [at, value] of changes) if (at < broken.length) broken[at] = value;
        const { readings, bytesRead } = await look(broken, file.length);
        expect(readings <= 32 && bytesRead <= 512 * 1024).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

test('sizes of zero, of all there is and beyond, boxes in boxes, and a million tiny ones cost no more than 512 KiB', async () => {
  const tiny = Buffer.concat([box('ftyp'), ...Array.from({ length: 100_000 }, () => box('free'))]);
  let nested = track('hvc1');
  for (let level = 0; level < 2000; level++) nested = box('moov', nested);
  const huge = Buffer.concat([box('ftyp'), Buffer.from('ffffffff6d6f6f76', 'hex'), box('trak'), box('free')]);
  const endless = Buffer.from('1a45dfa380 18538067 01ffffffffffffff 1654ae6b 80 ae80 ae ff'.replaceAll(' ', ''), 'hex');
  const scattered = Buffer.alloc(20_000_000);
  for (let at = 0; at < scattered.length; at += 20_000) {
    scattered.writeUInt32BE(20_000, at);
    scattered.write('free', at + 4);
  }
  for (const file of [tiny, Buffer.concat([box('ftyp'), nested]), huge, endless, scattered]) {
    const { readings, bytesRead, codecs } = await look(file);
    expect([readings <= 32, bytesRead <= 512 * 1024, codecs]).toEqual([true, true, []]);
  }
});

test('a file of which not all can be read says so', async () => {
  const bytes = new BoundedBytes(5000, () => Promise.reject(new Error('not here')));
  await expect(contentsOf(bytes)).rejects.toThrow('not here');
});
