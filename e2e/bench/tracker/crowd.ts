import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../../shared/assert.ts';
import { announceText, clientFrame, pong, randomId, type Announcing } from './frames.ts';

/** Longer messages are relayed offers, shorter ones replies. */
const replyBytes = 1000;

/** What a browser sends to open a WebSocket; only the headers that servers read. */
export const handshake =
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** One client. It uses no WebSocket library, because the load must cost less than the server that it measures. */
export class Member {
  readonly who: Announcing;
  readonly socket: Socket;
  onReply: (() => void) | null = null;
  onOffer: ((message: Buffer) => void) | null = null;
  closed = false;
  #rest: Buffer | null = null;

  constructor(port: number, who: Announcing) {
    this.who = who;
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('error', () => (this.closed = true));
  }

  async open(): Promise<void> {
    this.socket.write(handshake);
    const [answer] = (await once(this.socket, 'data')) as [Buffer];
    if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`refused: ${answer.toString('latin1', 0, 40)}`);
    this.socket.on('data', (chunk) => this.#read(chunk));
  }

  announce(offerIds: readonly string[] = [], event?: string): void {
    this.socket.write(clientFrame(announceText(this.who, offerIds, event)));
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    let at = 0;
    for (;;) {
      if (bytes.length < at + 2) break;
      const short = bytes.readUInt8(at + 1);
      const from = at + (short === 126 ? 4 : 2);
      if (bytes.length < from) break;
      const to = from + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
      if (bytes.length < to) break;
      this.#message(bytes.readUInt8(at) & 15, bytes, from, to);
      at = to;
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }

  #message(opcode: number, bytes: Buffer, from: number, to: number): void {
    if (opcode === 9) this.socket.write(pong);
    if (opcode > 2) return;
    if (to - from < replyBytes) this.onReply?.();
    else this.onOffer?.(bytes.subarray(from, to));
  }
}

/** Handshakes at the same time. */
const openTogether = 200;

/** Many clients spread over some swarms, one in ten a seed. */
export class Crowd {
  readonly members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.members = members;
  }

  /** Resolves when all are connected and were answered once. With several ports every swarm is spread over all of them. */
  static async gather(port: number | readonly number[], count: number, swarms: number): Promise<Crowd> {
    const hashes = Array.from({ length: swarms }, randomId);
    const ports = typeof port === 'number' ? [port] : port;
    const members: Member[] = [];
    while (members.length < count) {
      const some = Array.from({ length: Math.min(openTogether, count - members.length) }, (_, index) => {
        const number = members.length + index;
        const peerId = `-TS0001-${String(number).padStart(12, '0')}`;
        return new Member(itemAt(ports, Math.floor(number / swarms) % ports.length), {
          infoHash: itemAt(hashes, number % swarms),
          peerId,
          seed: number % 100 < 10,
        });
      });
      await Promise.all(some.map((member) => member.open()));
      members.push(...some);
    }
    const crowd = new Crowd(members);
    await crowd.announceAll('started');
    return crowd;
  }

  /** Everyone announces once; resolves when everyone was answered. */
  async announceAll(event?: string): Promise<void> {
    await Promise.all(
      this.members.map(
        (member) =>
          new Promise<void>((resolve) => {
            member.onReply = resolve;
            member.announce([], event);
          }),
      ),
    );
  }

  leave(): void {
    for (const { socket } of this.members) socket.destroy();
  }
}

export interface Load {
  readonly announces: number;
  readonly offers: number;
  readonly seconds: number;
}

/** For `seconds` everyone announces again as soon as the reply arrives. Counts the replies. */
export async function saturate({ members }: Crowd, offers: number, seconds: number): Promise<Load> {
  let announces = 0;
  let relayed = 0;
  let over = false;
  const senders = members.map((member) => ({
    member,
    frame: clientFrame(announceText(member.who, Array.from({ length: offers }, randomId))),
  }));
  for (const { member, frame } of senders) {
    member.onOffer = () => relayed++;
    member.onReply = () => {
      announces++;
      if (!over) member.socket.write(frame);
    };
  }
  const start = performance.now();
  for (const { member, frame } of senders) member.socket.write(frame);
  await sleep(seconds * 1000);
  const took = (performance.now() - start) / 1000;
  const load = { announces, offers: relayed, seconds: took };
  over = true;
  await sleep(300);
  return load;
}
