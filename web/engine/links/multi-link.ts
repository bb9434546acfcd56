import { maxParallelConnections } from '../../../shared/limits.ts';
import type { LinkId, PieceIndex } from '../../../shared/ids.ts';
import type { ConnectionSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import type { Dial, Dialler, DialOwner } from '../net/connection-pool.ts';
import type { ChannelLink } from './channel-link.ts';
import type { Link, LinkListener } from '../interfaces.ts';

/** Of both sides, over the life of a link: a connection that cannot be had is not tried for ever, and nobody can make us try. */
const maxAttempts = 2 * maxParallelConnections;

/**
 * A link over one to four connections. The first, which exists from the start, carries everything; the further ones only
 * blocks, each of which goes where the least is queued. Blocks that follow each other share a channel message. The listener hears of the
 * connections until `close()`; of the first connection it hears from who made that.
 */
export class WideLink implements Link, DialOwner {
  readonly id: LinkId;
  readonly #first: ChannelLink;
  readonly #dialler: Dialler;
  readonly #listener: LinkListener;
  /** The further ones by number, from 1: open or being opened. */
  readonly #further = new Map<number, Dial>();
  /** The first and every further one that is open. */
  #open: readonly ChannelLink[];
  /** Where the last block went. */
  #current: ChannelLink;
  #attempts = 0;

  constructor(first: ChannelLink, dialler: Dialler, listener: LinkListener) {
    this.id = first.id;
    this.#first = first;
    this.#dialler = dialler;
    this.#listener = listener;
    this.#open = [first];
    this.#current = first;
  }

  send(message: WireMessage): void {
    this.#first.send(message);
  }

  sendBlock(piece: PieceIndex, begin: number, block: Uint8Array): void {
    if (this.#open.length > 1 && !this.#current.fitsBlock(block.length)) {
      this.#current.flush();
      this.#current = this.#open.reduce((least, next) => (next.queuedBytes < least.queuedBytes ? next : least));
    }
    this.#current.sendBlock(piece, begin, block);
  }

  flush(): void {
    for (const link of this.#open) link.flush();
  }

  /** Offers the connections that are missing to `count`, or closes those beyond it. False where nothing changed. */
  widen(count: number): boolean {
    const before = this.#further.size;
    for (let connection = 1; connection < count; connection++) if (!this.#further.has(connection)) this.#offer(connection);
    for (const [connection, dial] of this.#further) if (connection >= count) this.#drop(connection, dial);
    return this.#further.size !== before;
  }

  /** The peer's description of a connection. */
  hear({ connection, type, sdp }: ConnectionSignal): void {
    const known = this.#further.get(connection);
    if (type === 'answer') {
      if (known?.state === 'offered') this.#dialler.accept(known, sdp);
      return;
    }
    if (++this.#attempts > maxAttempts) return;
    if (known !== undefined) this.#replace(connection, known);
    const dial = this.#dialler.answer(this, sdp);
    if (dial !== null) this.#further.set(connection, dial);
  }

  /** Closes the further connections. Whoever made the first one closes it. */
  close(): void {
    for (const dial of this.#further.values()) this.#dialler.close(dial);
    this.#further.clear();
    this.#open = [];
  }

  described(dial: Dial): void {
    const connection = this.#numberOf(dial);
    if (connection === null) return;
    if (dial.initiator) this.#dialler.sent(dial, `connection ${connection}`, '');
    this.#listener.connectionSignal(this.id, { connection, type: dial.initiator ? 'offer' : 'answer', sdp: dial.sdp });
  }

  opened(dial: Dial): void {
    this.#open = [...this.#open, dial.link!];
  }

  bytes(dial: Dial, bytes: Uint8Array): void {
    const connection = this.#numberOf(dial);
    if (connection !== null) this.#listener.connectionBytes(this.id, connection, bytes);
  }

  drained(_: Dial, blockBytes: number): void {
    this.#listener.drained(this.id, blockBytes);
  }

  ended(dial: Dial, wasOpen: boolean): void {
    const connection = this.#numberOf(dial);
    if (connection === null) return;
    this.#forget(connection, dial);
    if (wasOpen) this.#listener.connectionLost(this.id, connection);
  }

  taken(dial: Dial): void {
    const connection = this.#numberOf(dial);
    if (connection !== null) this.#further.delete(connection);
  }

  #offer(connection: number): void {
    if (++this.#attempts > maxAttempts) return;
    const dial = this.#dialler.offer(this);
    if (dial === null) return;
    this.#further.set(connection, dial);
    // It may be one that was made before.
    if (dial.state === 'ready') this.described(dial);
  }

  /** The other side has lost the connection and offers it anew, sooner than we noticed. */
  #replace(connection: number, dial: Dial): void {
    const wasOpen = dial.state === 'open';
    this.#drop(connection, dial);
    if (wasOpen) this.#listener.connectionLost(this.id, connection);
  }

  #drop(connection: number, dial: Dial): void {
    this.#forget(connection, dial);
    this.#dialler.close(dial);
  }

  /** What it had queued will not be reported any more. */
  #forget(connection: number, { link }: Dial): void {
    this.#further.delete(connection);
    if (link === null) return;
    this.#open = this.#open.filter((other) => other !== link);
    if (this.#current === link) this.#current = this.#first;
    if (link.undrainedBytes > 0) this.#listener.drained(this.id, link.undrainedBytes);
  }

  #numberOf(dial: Dial): number | null {
    for (const [connection, other] of this.#further) if (other === dial) return connection;
    return null;
  }
}
