import type { InfoHash, LinkId, Milliseconds, PeerId } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { type Random, seededRandom } from '../../../random.ts';
import { Geometry } from '../../../torrent/geometry.ts';
import { encodedBytes } from '../../../wire/encoder.ts';
import type { WireMessage } from '../../../wire/messages.ts';
import { Bitfield } from '../../lib/bitfield.ts';
import type { Effect, Event } from '../../events.ts';
import { Torrent } from '../../torrent.ts';

/**
 * A person's line, millisecond by millisecond: one queue in which everything that goes out waits, a TCP stream of somebody else, and the links
 * of a seed. The way back is free.
 */
const infoHash = 'a'.repeat(40) as InfoHash;
const block = new Uint8Array(blockBytes);

/** What the browser's channel takes before it says that nothing has drained (channel-link.ts). */
const lowWaterBytes = 512 * 1024;

interface Packet {
  bytes: number;
  readonly arrived: () => void;
}

/** A packet takes up to so much longer than the one before it. */
const jitterMs: Milliseconds = 4;

/** Drops what comes while the queue is full, as routers do. */
export class Line {
  readonly bytesPerSecond: number;
  readonly delayMs: Milliseconds;
  readonly #mostBytes: number;
  readonly #random: Random;
  readonly #queue: Packet[] = [];
  readonly #onTheirWay: { readonly at: Milliseconds; readonly arrived: () => void }[] = [];
  #queuedBytes = 0;
  #credit = 0;

  constructor(bytesPerSecond: number, delayMs: Milliseconds, queueSeconds: number, random: Random) {
    this.#random = random;
    this.bytesPerSecond = bytesPerSecond;
    this.delayMs = delayMs;
    this.#mostBytes = bytesPerSecond * queueSeconds;
  }

  get queueMs(): Milliseconds {
    return (1000 * this.#queuedBytes) / this.bytesPerSecond;
  }

  /** When what leaves the line now is there; what comes after it waits for it. */
  arrival(now: Milliseconds): Milliseconds {
    return now + this.delayMs + this.#random.below(jitterMs);
  }

  /** False where it was dropped. */
  push(bytes: number, arrived: () => void): boolean {
    if (this.#queuedBytes + bytes > this.#mostBytes) return false;
    this.#queue.push({ bytes, arrived });
    this.#queuedBytes += bytes;
    return true;
  }

  run(now: Milliseconds): void {
    this.#credit = Math.min(this.#credit, 0) + this.bytesPerSecond / 1000;
    for (let head = this.#queue[0]; head !== undefined && this.#credit > 0; head = this.#queue[0]) {
      this.#credit -= head.bytes;
      this.#queuedBytes -= head.bytes;
      this.#queue.shift();
      this.#onTheirWay.push({ at: this.arrival(now), arrived: head.arrived });
    }
    while ((this.#onTheirWay[0]?.at ?? Number.POSITIVE_INFINITY) <= now) this.#onTheirWay.shift()?.arrived();
  }
}

/** A reliable stream with a window that grows by a packet in a round trip and halves with a loss (RFC 5681). */
export class Stream {
  readonly #line: Line;
  readonly #packetBytes: number;
  readonly #takes: () => number;
  readonly #arrived: (bytes: number) => void;
  #windowBytes: number;
  #inFlightBytes = 0;
  #lossAt: Milliseconds = Number.NEGATIVE_INFINITY;

  /** `takes` says how many bytes there are to send, `arrived` gets those that came through. */
  constructor(line: Line, takes: () => number, arrived: (bytes: number) => void, packetBytes = 1200) {
    this.#line = line;
    this.#takes = takes;
    this.#arrived = arrived;
    this.#packetBytes = packetBytes;
    this.#windowBytes = 10 * packetBytes;
  }

  run(now: Milliseconds): void {
    for (let left = this.#takes() - this.#inFlightBytes; left > 0 && this.#inFlightBytes < this.#windowBytes;) {
      const bytes = Math.min(left, this.#packetBytes);
      if (!this.#line.push(bytes, () => this.#came(bytes))) return this.#lost(now);
      this.#inFlightBytes += bytes;
      left -= bytes;
    }
  }

  #came(bytes: number): void {
    this.#inFlightBytes -= bytes;
    const isSlowStart = this.#lossAt === Number.NEGATIVE_INFINITY;
    this.#windowBytes += isSlowStart ? bytes : (this.#packetBytes * bytes) / this.#windowBytes;
    this.#arrived(bytes);
  }

  /** Losses of one round trip are one. */
  #lost(now: Milliseconds): void {
    if (now - this.#lossAt < 2 * this.#line.delayMs + this.#line.queueMs) return;
    this.#lossAt = now;
    this.#windowBytes = Math.max(2 * this.#packetBytes, this.#windowBytes / 2);
  }
}

/** A channel over the line: messages in order, and the queue before it. */
class Channel {
  readonly #messages: { bytes: number; readonly message: WireMessage }[] = [];
  readonly #stream: Stream;
  #bufferedBytes = 0;
  #undrainedBytes = 0;

  constructor(line: Line, deliver: (message: WireMessage) => void) {
    this.#stream = new Stream(
      line,
      () => this.#bufferedBytes,
      (bytes) => {
        this.#bufferedBytes -= bytes;
        for (let left = bytes; left > 0;) {
          const head = this.#messages[0];
          if (head === undefined) return;
          const part = Math.min(left, head.bytes);
          head.bytes -= part;
          left -= part;
          if (head.bytes > 0) return;
          this.#messages.shift();
          deliver(head.message);
        }
      },
    );
  }

  send(message: WireMessage): void {
    const bytes = encodedBytes(message);
    this.#messages.push({ bytes, message });
    this.#bufferedBytes += bytes;
    if (message.type === 'piece') this.#undrainedBytes += message.block.length;
  }

  run(now: Milliseconds, drained: (bytes: number) => void): void {
    this.#stream.run(now);
    if (this.#undrainedBytes === 0 || this.#bufferedBytes > lowWaterBytes) return;
    const bytes = this.#undrainedBytes;
    this.#undrainedBytes = 0;
    drained(bytes);
  }
}

interface Far {
  readonly isOurs: boolean;
  readonly torrent: Torrent;
  readonly channel: Channel;
  readonly answers: { readonly at: Milliseconds; readonly message: WireMessage }[];
}

export interface SeedOptions {
  readonly leeches: number;
  readonly gentle: boolean;
  /** So many of the leeches do not speak our extensions. */
  readonly strangers?: number;
  readonly random: Random;
  /** When it begins. */
  readonly now: Milliseconds;
}

/** A seed behind the line, and leeches that want everything from it. */
export class Seed {
  readonly #line: Line;
  readonly #seed: Torrent;
  readonly #random: Random;
  readonly #far: Far[] = [];
  readonly #geometry = new Geometry(16 * blockBytes, [{ length: 40_000 * blockBytes, padding: false }]);
  #now: Milliseconds;
  /** Payload that has come through to the leeches. */
  arrivedBytes = 0;

  constructor(line: Line, { leeches, gentle, strangers = 0, random, now }: SeedOptions) {
    this.#line = line;
    this.#random = random;
    this.#now = now;
    this.#seed = this.#torrent('s', Bitfield.full(this.#geometry.pieceCount));
    for (let index = 0; index < leeches; index++) this.#connect(index, index >= strangers);
    if (gentle) this.#step({ kind: 'gentle', isOn: true });
  }

  /** To be called for each millisecond. */
  run(now: Milliseconds): void {
    this.#now = now;
    for (const [index, far] of this.#far.entries()) {
      const link = index as LinkId;
      far.channel.run(now, (bytes) => this.#step({ kind: 'drained', link, bytes }));
      while ((far.answers[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
        const message = far.answers.shift()?.message;
        if (message !== undefined) this.#step({ kind: 'messages', link, messages: [message] });
      }
      if (far.torrent.wakeAt() <= now) this.#stepFar(far, { kind: 'tick' });
    }
    if (this.#seed.wakeAt() <= now) this.#step({ kind: 'tick' });
  }

  #torrent(letter: string, have: Bitfield): Torrent {
    const torrent = new Torrent(
      { infoHash, peerId: letter.charCodeAt(0).toString(16).repeat(20) as PeerId },
      seededRandom(this.#random.below(2 ** 30)),
    );
    const out: Effect[] = [];
    torrent.step(this.#now, { kind: 'resume' }, out);
    torrent.step(this.#now, { kind: 'metadata', geometry: this.#geometry, infoBytes: new Uint8Array(10), have: have.bytes }, out);
    torrent.step(this.#now, { kind: 'want', priorities: new Uint8Array(this.#geometry.pieceCount).fill(1) }, out);
    return torrent;
  }

  #connect(index: number, isOurs: boolean): void {
    const link = index as LinkId;
    const torrent = this.#torrent(String.fromCharCode(97 + index), new Bitfield(this.#geometry.pieceCount));
    const far: Far = {
      isOurs,
      torrent,
      answers: [],
      channel: new Channel(this.#line, (message) => {
        if (message.type === 'piece') this.arrivedBytes += message.block.length;
        if (isOurs || message.type !== 'extended') this.#stepFar(far, { kind: 'messages', link, messages: [message] });
      }),
    };
    this.#far.push(far);
    this.#step({ kind: 'linkOpened', link, initiator: true });
    this.#stepFar(far, { kind: 'linkOpened', link, initiator: false });
  }

  #step(event: Event): void {
    const out: Effect[] = [];
    this.#seed.step(this.#now, event, out);
    for (const effect of out) {
      if (effect.kind === 'close') throw new Error(`the seed closes a link: ${effect.code}`);
      if (effect.kind === 'send') this.#far[effect.link]?.channel.send(effect.message);
      if (effect.kind === 'sendBlock') this.#sendBlock(effect);
    }
  }

  #sendBlock({ link, piece, begin, length, readBytes }: Extract<Effect, { kind: 'sendBlock' }>): void {
    this.#far[link]?.channel.send({ type: 'piece', piece, begin, block: length === blockBytes ? block : new Uint8Array(length) });
    if (readBytes > 0) this.#step({ kind: 'readDone', link, bytes: readBytes });
  }

  #stepFar(far: Far, event: Event): void {
    const out: Effect[] = [];
    far.torrent.step(this.#now, event, out);
    for (const effect of out) {
      if (effect.kind === 'close') throw new Error(`a leech closes its link: ${effect.code}`);
      if (effect.kind === 'send' && (far.isOurs || effect.message.type !== 'extended'))
        far.answers.push({ at: this.#line.arrival(this.#now), message: effect.message });
      if (effect.kind === 'verify') this.#stepFar(far, { kind: 'verified', piece: effect.piece, ok: true });
    }
  }
}
