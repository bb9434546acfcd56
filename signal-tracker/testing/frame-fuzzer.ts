import type { Random } from '../../shared/random.ts';

/** Frames for fuzzing: real and hostile ones, mutated, and noise. Replayable from the seed of `random`. */
export class FrameFuzzer {
  readonly #random: Random;
  readonly #corpus: readonly Buffer[];

  constructor(random: Random) {
    this.#random = random;
    this.#corpus = corpus.map((frame) => Buffer.from(JSON.stringify(frame), 'utf8'));
  }

  next(): Buffer {
    if (this.#random.below(20) === 0) return this.#noise();
    let frame: Buffer = Buffer.from(this.#pick(this.#corpus));
    for (let changes = this.#random.below(4); changes > 0; changes--) frame = this.#changed(frame);
    return frame;
  }

  #changed(frame: Buffer): Buffer {
    const at = this.#random.below(frame.length + 1);
    const length = this.#random.below(1 + this.#random.below(64));
    switch (this.#random.below(6)) {
      case 0:
        if (at < frame.length) frame[at] = this.#random.below(256);
        return frame;
      case 1:
        return Buffer.concat([frame.subarray(0, at), frame.subarray(at + length)]);
      case 2:
        return Buffer.concat([frame.subarray(0, at), Buffer.from(this.#pick(pieces)), frame.subarray(at)]);
      case 3:
        return Buffer.concat([frame.subarray(0, at + length), frame.subarray(at)]);
      case 4:
        return frame.subarray(0, at);
      default: {
        const other = this.#pick(this.#corpus);
        return Buffer.concat([frame.subarray(0, at), other.subarray(this.#random.below(other.length))]);
      }
    }
  }

  #noise(): Buffer {
    return Buffer.from(Array.from({ length: this.#random.below(300) }, () => this.#random.below(256)));
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)]!;
  }
}

const id = (name: string): string => name.padEnd(20, '.');
const sdp = 'v=0\r\na=candidate:1 1 udp 2113937151 "x".local 54400 typ host\r\n';
const announce = { action: 'announce', info_hash: id('fuzzed'), peer_id: id('eve'), numwant: 5, uploaded: 0, downloaded: 0, left: 1 };
const offer = { offer: { type: 'offer', sdp }, offer_id: id('offer') };

/** What clients send, and what has crashed trackers. */
const corpus: readonly unknown[] = [
  announce,
  { ...announce, event: 'started', left: null },
  { ...announce, event: 'completed', left: 0 },
  { ...announce, event: 'stopped' },
  { ...announce, offers: [offer, offer, offer] },
  { ...announce, peer_id: id('mallory'), offers: [offer, null, {}], numwant: 50 },
  { ...announce, info_hash: '\u{0}\u{1}\u{7f}\u{80}ÿ"\\/\n\t0123456789', unreachable: [id('eve'), id('mallory'), 5] },
  { ...announce, info_hash: 'x'.repeat(32) },
  { ...announce, to_peer_id: id('mallory'), answer: { type: 'answer', sdp }, offer_id: id('offer') },
  { action: 'scrape', info_hash: id('fuzzed') },
  { action: 'scrape', info_hash: [id('fuzzed'), id('other')] },
  { action: 'scrape', info_hash: 5 },
  { action: 'scrape' },
  { ...announce, offers: [null] },
  { __proto__: null, constructor: announce },
  [announce],
  null,
];

const pieces: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '\\"',
  'null',
  'true',
  '-0',
  '1e999',
  '0x1',
  '9'.repeat(40),
  '"action":"scrape",',
  '"peer_id":"propertyIsEnumerable",',
  '"offers":[],',
  '"numwant":-1,',
  '\u{ff}',
  '\u{1f600}',
  '\u{0}',
  '\n',
  '[[[[[[[[',
  '{"a":',
  'x'.repeat(3000),
];
