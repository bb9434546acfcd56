import { assert } from '../../shared/assert.ts';
import type { SwarmCounts } from '../../shared/tracker/server-messages.ts';
import type { Delivery } from '../swarms/delivery.ts';

/** What goes to a client. */
export type Message = Exclude<Delivery, { kind: 'probe' }>;

/** libtorrent closes the socket on a failure without an info hash: where none could be read, one that no torrent has. */
const noInfoHash = '\0'.repeat(20);

/** Room for one message of the longest kind (a scrape of 100 hashes, 19 KB) and more. Everything in it is written to the socket in one piece. */
const roomBytes = 128 * 1024;

/** Header of a frame of 126 bytes to 64 KiB; shorter frames have two bytes less. */
const headerBytes = 4;

/** Longest form of an id: 40 units as `\u001f`. */
const maxIdBytes = 40 * 6;

const maxReasonBytes = 1024;

/** The most bytes that {@link FrameWriter.write} makes of a message. */
export function sizeBound(message: Message): number {
  switch (message.kind) {
    case 'reply':
      return 400;
    case 'offer':
    case 'answer':
      return message.sdp.length + 3 * maxIdBytes + 200;
    case 'scraped':
      return message.files.size * (maxIdBytes + 100) + 100;
    case 'failure':
    default:
      return maxReasonBytes + 600;
  }
}

/**
 * Writes messages as WebSocket text frames (RFC 6455, section 5.2), one after the other, into a reused buffer. The JSON is built member by member:
 * nothing that a client sent is relayed unless it is named here. Descriptions are copied as they came (see `readClientFrame`).
 */
export class FrameWriter {
  #bytes = Buffer.allocUnsafeSlow(roomBytes);
  #at = 0;

  /** False where the room is used up: {@link take} what is there first. */
  write(message: Message): boolean {
    const bound = sizeBound(message);
    assert(bound <= roomBytes, 'a message has room');
    if (this.#at + bound > roomBytes) return false;
    const start = this.#at;
    this.#at += headerBytes;
    this.#message(message);
    this.#header(start, this.#at - start - headerBytes);
    return true;
  }

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#at;
  }

  /** Everything written since the last `take`, each byte a unit. */
  takeText(): string {
    const text = this.#bytes.toString('latin1', 0, this.#at);
    this.#at = 0;
    return text;
  }

  /** Everything written since the last `take`. Valid until the next write, unless {@link handOver} is called. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  /** The bytes last taken belong to the caller from now on. */
  handOver(): void {
    this.#bytes = Buffer.allocUnsafeSlow(roomBytes);
  }

  #header(start: number, length: number): void {
    assert(length < 65_536, 'a frame with two bytes of length');
    this.#bytes[start] = 0x81;
    if (length < 126) {
      this.#bytes[start + 1] = length;
      this.#bytes.copyWithin(start + 2, start + headerBytes, this.#at);
      this.#at -= 2;
      return;
    }
    this.#bytes[start + 1] = 126;
    this.#bytes[start + 2] = length >> 8;
    this.#bytes[start + 3] = length & 255;
  }

  #message(message: Message): void {
    switch (message.kind) {
      case 'reply':
        this.#text('{"action":"announce","info_hash":"');
        this.#id(message.infoHash);
        this.#text('","interval":');
        this.#count(message.intervalSeconds);
        this.#text(',"complete":');
        this.#count(message.complete);
        this.#text(',"incomplete":');
        this.#count(message.incomplete);
        this.#text('}');
        return;
      case 'offer':
      case 'answer':
        this.#relayed(message);
        return;
      case 'scraped':
        this.#scraped(message.files);
        return;
      case 'failure':
      default:
        this.#text(message.action === 'scrape' ? '{"action":"scrape","info_hash":"' : '{"action":"announce","info_hash":"');
        this.#id(message.infoHash ?? noInfoHash);
        this.#text('","failure reason":');
        this.#at += this.#bytes.write(JSON.stringify(message.reason.slice(0, maxReasonBytes / 6 - 1)), this.#at);
        this.#text('}');
    }
  }

  #relayed({ kind, infoHash, peerId, offerId, sdp }: Extract<Message, { kind: 'offer' | 'answer' }>): void {
    this.#text('{"action":"announce","info_hash":"');
    this.#id(infoHash);
    this.#text('","peer_id":"');
    this.#id(peerId);
    this.#text('","offer_id":"');
    this.#id(offerId);
    this.#text(kind === 'offer' ? '","offer":{"type":"offer","sdp":"' : '","answer":{"type":"answer","sdp":"');
    this.#at += this.#bytes.write(sdp, this.#at, 'latin1');
    this.#text('"}}');
  }

  #scraped(files: ReadonlyMap<string, SwarmCounts>): void {
    this.#text('{"action":"scrape","files":{');
    let first = true;
    for (const [infoHash, { complete, incomplete, downloaded }] of files) {
      this.#text(first ? '"' : ',"');
      first = false;
      this.#id(infoHash);
      this.#text('":{"complete":');
      this.#count(complete);
      this.#text(',"incomplete":');
      this.#count(incomplete);
      this.#text(',"downloaded":');
      this.#count(downloaded);
      this.#text('}');
    }
    this.#text('}}');
  }

  /** ASCII. */
  #text(text: string): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
    this.#at = at;
  }

  /** A binary string, as it is written inside the quotes of a JSON string. */
  #id(binary: string): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < binary.length; index++) {
      const unit = binary.charCodeAt(index);
      if (isPlain[unit] === 1) {
        bytes[at++] = unit;
        continue;
      }
      const form = forms[unit];
      assert(form !== undefined, 'an id is a binary string');
      for (const byte of form) bytes[at++] = byte;
    }
    this.#at = at;
  }

  #count(value: number): void {
    if (value < 10) {
      this.#bytes[this.#at++] = 0x30 + value;
      return;
    }
    this.#text(String(value));
  }
}

/** How each of the 256 units of a binary string is written inside a JSON string, and which of them are written as one byte. */
const forms = Array.from({ length: 256 }, (_, unit) =>
  Uint8Array.from(Buffer.from(JSON.stringify(String.fromCharCode(unit)).slice(1, -1))),
);
const isPlain = Uint8Array.from(forms, (form) => (form.length === 1 ? 1 : 0));
