import type { LinkId, Milliseconds, PieceIndex } from '../../../shared/ids.ts';
import type { Event } from '../../../shared/swarm/events.ts';
import { encode, encodedBytes, encodeInto, encodePieceHeader } from '../../../shared/wire/encoder.ts';
import { pieceHeaderBytes, type WireMessage } from '../../../shared/wire/messages.ts';
import type { NextTask } from './next-task.ts';
import type { Link } from '../interfaces.ts';

/** What a link needs of an RTCDataChannel. `RelayChannel` has the same where a channel cannot be transferred into the Worker. */
export interface Channel {
  binaryType: string;
  readonly readyState: 'connecting' | 'open' | 'closing' | 'closed';
  /** Bytes taken by `send` and not yet by the network. */
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onbufferedamountlow: ((event: never) => void) | null;
  onclosing: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  /** Copies the bytes before it returns. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Whoever made the channel. Nothing is called after `closed` or after our own `close()`. */
export interface ChannelOwner {
  /** Call `attach` now: messages that arrived early are delivered right after. */
  opened(): void;
  /** Not called for our own `close()`. */
  closed(detail: string): void;
}

export interface ChannelLinkOptions {
  readonly id: LinkId;
  readonly channel: Channel;
  readonly nextTask: NextTask;
  readonly now: () => Milliseconds;
}

/** Four whole `piece` messages of 16 KiB and a few small ones: about 64 KiB, the message size that WebRTC carries fastest. */
const bufferBytes = 4 * (pieceHeaderBytes + 16 * 1024) + 256;

/**
 * Four packets: as many as Chromium's SCTP sends for one `send`, where nothing is under way whose acknowledgements would send more. A young
 * association may have ten under way, so the first bytes go in messages of this size.
 */
const burstBytes = 4600;

/** So many bytes go in bursts: at the start, and after a pause of a second. */
const burstsBytes = 64 * 1024;
const pauseMs: Milliseconds = 1000;

/**
 * Below this the channel's queue counts as drained, so that a sender refills it 20 ms before a fast link (25 MB/s) would run dry. With
 * the swarm's budget of 1 MiB a link on top of it the queue stays under 2 MB, as a longer one would make `cancel` useless.
 */
const lowWaterBytes = 512 * 1024;

/**
 * Many connections of a link carry little each, and what waits on one of them keeps its piece from being whole: half of a message at a time,
 * sent when little is left of the one before. With a whole one and 64 KiB left, 2 MB waited in all, a second of a home's uplink.
 */
const manyConnections = 5;
const manyLowWaterBytes = 16 * 1024;
const manyMessageBytes = bufferBytes / 2;

/**
 * A peer that requests and never reads is disconnected at this point. The longest honest queue is 10 MB of metadata requested at once, as
 * WebTorrent does; Chrome throws at 16 MiB.
 */
const maxQueuedBytes = 12 * 1024 * 1024;

/** `open` follows within a task or two; in that time an honest peer sends a handshake, an extended handshake and a bitfield. */
const maxEarlyMessages = 64;

/** Messages of this size carry blocks or metadata; requests, haves and other control messages are smaller. */
const usefulBytes = 4096;

/** A link over one channel. It packs several wire messages into one channel message and applies back-pressure with hysteresis. */
export class ChannelLink implements Omit<Link, 'useConnections'> {
  readonly id: LinkId;
  readonly #channel: Channel;
  readonly #owner: ChannelOwner;
  readonly #nextTask: NextTask;
  readonly #now: () => Milliseconds;
  /** Where received and drained bytes go: set by `attach`. */
  #received: (bytes: Uint8Array) => void = () => undefined;
  #drained: (blockBytes: number) => void = () => undefined;
  #heardAt: Milliseconds;
  #usefulAt: Milliseconds;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #filledBytes = 0;
  #flushComing = false;
  /** Block bytes sent and not yet reported as drained. */
  #undrainedBytes = 0;
  #drainCheckComing = false;
  #burstsLeftBytes = burstsBytes;
  #sentAt: Milliseconds;
  #lowWaterBytes = lowWaterBytes;
  #messageBytes = bufferBytes;
  #closed = false;
  #open = false;
  /** A transferred channel may deliver its first messages, the handshake among them, before its `open` event (seen in Chromium 156). */
  readonly #early: unknown[] = [];

  /** Takes over the channel; `opened` is called in a later microtask if it is open already. */
  constructor({ id, channel, nextTask, now }: ChannelLinkOptions, owner: ChannelOwner) {
    this.id = id;
    this.#channel = channel;
    this.#nextTask = nextTask;
    this.#now = now;
    this.#heardAt = now();
    this.#usefulAt = now();
    this.#sentAt = now();
    this.#owner = owner;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = lowWaterBytes;
    channel.onmessage = (event: MessageEvent<unknown>) => this.#message(event.data);
    channel.onbufferedamountlow = () => this.#reportDrained();
    channel.onclosing = () => this.#fail('closed by the other side');
    channel.onclose = () => this.#fail('closed by the other side');
    if (channel.readyState === 'connecting') channel.onopen = () => this.#opened();
    else if (channel.readyState === 'open') queueMicrotask(() => this.#opened());
    else queueMicrotask(() => this.#fail('closed before it arrived'));
  }

  /**
   * From now on received bytes go to this torrent as events of `link`: of its first connection where `connection` is 0, else of that
   * further one.
   */
  attach(feed: (event: Event) => void, link: LinkId, connection: number): void {
    this.#received = (bytes) =>
      feed(connection === 0 ? { kind: 'bytes', link, bytes } : { kind: 'connectionBytes', link, connection, bytes });
    this.#drained = (bytes) => feed({ kind: 'drained', link, bytes });
  }

  /** When the last message arrived. */
  get heardAt(): Milliseconds {
    return this.#heardAt;
  }

  /** When blocks last went either way, or when the link was made. */
  get usefulAt(): Milliseconds {
    return this.#usefulAt;
  }

  /** Bytes not yet on the network: encoded here, or in the channel's queue. */
  get queuedBytes(): number {
    return this.#filledBytes + this.#channel.bufferedAmount;
  }

  /** Block bytes not yet reported by `drained`. */
  get undrainedBytes(): number {
    return this.#undrainedBytes;
  }

  /** So many connections hold together what one may hold alone. */
  shareQueue(connections: number): void {
    const areMany = connections >= manyConnections;
    this.#lowWaterBytes = areMany ? manyLowWaterBytes : Math.floor(lowWaterBytes / connections);
    this.#messageBytes = areMany ? manyMessageBytes : bufferBytes;
    if (this.#closed) return;
    this.#channel.bufferedAmountLowThreshold = this.#lowWaterBytes;
    // `bufferedamountlow` fires when the queue falls to the threshold, not when the threshold rises above the queue.
    this.#checkDrainedSoon();
  }

  /** Whether a block of this length fits into the channel message that has been started. */
  fitsBlock(length: number): boolean {
    return this.#filledBytes > 0 && this.#filledBytes + pieceHeaderBytes + length <= this.#messageBytes;
  }

  send(message: WireMessage, countedBytes = 0): void {
    if (this.#closed) return;
    this.#undrainedBytes += countedBytes;
    const length = encodedBytes(message);
    if (length > bufferBytes) {
      this.#append(encode(message));
      return;
    }
    this.#filledBytes = encodeInto(message, this.#room(length), this.#filledBytes);
  }

  sendBlock(piece: PieceIndex, begin: number, block: Uint8Array): void {
    if (this.#closed) return;
    const buffer = this.#room(Math.min(pieceHeaderBytes + block.length, bufferBytes));
    this.#filledBytes = encodePieceHeader(piece, begin, block.length, buffer, this.#filledBytes);
    this.#undrainedBytes += block.length;
    this.#append(block);
  }

  flush(): void {
    if (this.#closed || this.#buffer === null || this.#filledBytes === 0) return;
    const bytes = this.#buffer.subarray(0, this.#filledBytes);
    this.#filledBytes = 0;
    try {
      this.#sendBursts(bytes);
    } catch (error) {
      this.#fail(`cannot send: ${String(error)}`);
      return;
    }
    if (this.#channel.bufferedAmount > maxQueuedBytes) this.#fail('the other side does not read');
    else this.#checkDrainedSoon();
  }

  #sendBursts(bytes: Uint8Array<ArrayBuffer>): void {
    const now = this.#now();
    if (now - this.#sentAt >= pauseMs) this.#burstsLeftBytes = burstsBytes;
    this.#sentAt = now;
    let at = 0;
    for (; this.#burstsLeftBytes > 0 && bytes.length - at > burstBytes; at += burstBytes) {
      this.#channel.send(bytes.subarray(at, at + burstBytes));
      this.#burstsLeftBytes -= burstBytes;
    }
    this.#channel.send(bytes.subarray(at));
  }

  /** What is still queued may be lost. */
  close(): void {
    if (!this.#closed) this.#release();
  }

  #opened(): void {
    if (this.#closed || this.#open) return;
    this.#open = true;
    this.#owner.opened();
    for (const content of this.#early.splice(0)) this.#message(content);
  }

  #message(content: unknown): void {
    if (this.#closed) return;
    this.#heardAt = this.#now();
    if (!this.#open) {
      if (this.#early.push(content) > maxEarlyMessages) this.#fail('too many messages before the channel was open');
    } else if (content instanceof ArrayBuffer) {
      if (content.byteLength >= usefulBytes) this.#usefulAt = this.#heardAt;
      this.#received(new Uint8Array(content));
    } else this.#fail('a message that is not binary');
  }

  /** The buffer, flushed first if fewer than `length` bytes are free. */
  #room(length: number): Uint8Array<ArrayBuffer> {
    if (this.#filledBytes + length > bufferBytes) this.flush();
    this.#buffer ??= new Uint8Array(bufferBytes);
    return this.#buffer;
  }

  /** Wire messages are a byte stream, so one longer than the buffer goes out in several channel messages. */
  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#closed;) {
      const buffer = this.#room(1);
      const part =
        at === 0 && bytes.length <= bufferBytes - this.#filledBytes ? bytes : bytes.subarray(at, at + bufferBytes - this.#filledBytes);
      buffer.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      at += part.length;
    }
    this.#flushLater();
  }

  /** Blocks are read after the driver's own `flush`. Those read one after another in microtasks still share a channel message. */
  #flushLater(): void {
    if (this.#flushComing) return;
    this.#flushComing = true;
    this.#nextTask.run(() => {
      this.#flushComing = false;
      this.flush();
    });
  }

  /** In a microtask, so that no event is fed while effects are performed. */
  #checkDrainedSoon(): void {
    if (this.#drainCheckComing || this.#undrainedBytes === 0) return;
    this.#drainCheckComing = true;
    queueMicrotask(() => {
      this.#drainCheckComing = false;
      if (!this.#closed && this.#channel.bufferedAmount <= this.#lowWaterBytes) this.#reportDrained();
    });
  }

  #reportDrained(): void {
    if (this.#closed || this.#undrainedBytes === 0) return;
    const blockBytes = this.#undrainedBytes;
    this.#usefulAt = this.#now();
    this.#undrainedBytes = 0;
    this.#drained(blockBytes);
  }

  #fail(detail: string): void {
    if (this.#closed) return;
    this.#release();
    this.#owner.closed(detail);
  }

  #release(): void {
    this.#closed = true;
    this.#buffer = null;
    const channel = this.#channel;
    channel.onopen = channel.onmessage = channel.onbufferedamountlow = channel.onclosing = channel.onclose = null;
    channel.close();
  }
}
