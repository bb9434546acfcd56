import { maxLanes } from '../../../shared/limits.ts';
import type { LinkId, PieceIndex } from '../../../shared/ids.ts';
import type { LaneSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import type { Dial, Dialler, DialOwner } from '../net/connection-pool.ts';
import type { ChannelLink } from './channel-link.ts';
import type { Link, LinkListener } from '../interfaces.ts';

/** Of both sides, over the life of a link: a lane that cannot be had is not tried for ever, and nobody can make us try. */
const maxAttempts = 2 * maxLanes;

/**
 * A link over one to four connections. The first, which exists from the start, carries everything; the further ones, its lanes, only
 * blocks, each of which goes where the least is queued. Blocks that follow each other share a channel message. The listener hears of the
 * lanes until `close()`; of the first connection it hears from who made that.
 */
export class WideLink implements Link, DialOwner {
  readonly id: LinkId;
  readonly #first: ChannelLink;
  readonly #dialler: Dialler;
  readonly #listener: LinkListener;
  /** By lane, from 1; open or on the way. */
  readonly #lanes = new Map<number, Dial>();
  /** The first and every open lane. */
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
    const before = this.#lanes.size;
    for (let lane = 1; lane < count; lane++) if (!this.#lanes.has(lane)) this.#offer(lane);
    for (const [lane, dial] of this.#lanes) if (lane >= count) this.#drop(lane, dial);
    return this.#lanes.size !== before;
  }

  /** The peer's description of a lane. */
  hear({ lane, type, sdp }: LaneSignal): void {
    const known = this.#lanes.get(lane);
    if (type === 'answer') {
      if (known?.state === 'offered') this.#dialler.accept(known, sdp);
      return;
    }
    if (++this.#attempts > maxAttempts) return;
    if (known !== undefined) this.#replace(lane, known);
    const dial = this.#dialler.answer(this, sdp);
    if (dial !== null) this.#lanes.set(lane, dial);
  }

  /** Closes the lanes; the first connection is closed by who made it. */
  close(): void {
    for (const dial of this.#lanes.values()) this.#dialler.close(dial);
    this.#lanes.clear();
    this.#open = [];
  }

  described(dial: Dial): void {
    const lane = this.#laneOf(dial);
    if (lane === null) return;
    if (dial.initiator) this.#dialler.sent(dial, `lane ${lane}`, '');
    this.#listener.laneSignal(this.id, { lane, type: dial.initiator ? 'offer' : 'answer', sdp: dial.sdp });
  }

  opened(dial: Dial): void {
    this.#open = [...this.#open, dial.link!];
  }

  bytes(dial: Dial, bytes: Uint8Array): void {
    const lane = this.#laneOf(dial);
    if (lane !== null) this.#listener.laneBytes(this.id, lane, bytes);
  }

  drained(_: Dial, blockBytes: number): void {
    this.#listener.drained(this.id, blockBytes);
  }

  ended(dial: Dial, wasOpen: boolean): void {
    const lane = this.#laneOf(dial);
    if (lane === null) return;
    this.#forget(lane, dial);
    if (wasOpen) this.#listener.laneLost(this.id, lane);
  }

  taken(dial: Dial): void {
    const lane = this.#laneOf(dial);
    if (lane !== null) this.#lanes.delete(lane);
  }

  #offer(lane: number): void {
    if (++this.#attempts > maxAttempts) return;
    const dial = this.#dialler.offer(this);
    if (dial === null) return;
    this.#lanes.set(lane, dial);
    // It may be one that was made before.
    if (dial.state === 'ready') this.described(dial);
  }

  /** The other side has lost the lane and offers it anew, sooner than we noticed. */
  #replace(lane: number, dial: Dial): void {
    const wasOpen = dial.state === 'open';
    this.#drop(lane, dial);
    if (wasOpen) this.#listener.laneLost(this.id, lane);
  }

  #drop(lane: number, dial: Dial): void {
    this.#forget(lane, dial);
    this.#dialler.close(dial);
  }

  /** What it had queued will not be reported any more. */
  #forget(lane: number, { link }: Dial): void {
    this.#lanes.delete(lane);
    if (link === null) return;
    this.#open = this.#open.filter((other) => other !== link);
    if (this.#current === link) this.#current = this.#first;
    if (link.undrainedBytes > 0) this.#listener.drained(this.id, link.undrainedBytes);
  }

  #laneOf(dial: Dial): number | null {
    for (const [lane, other] of this.#lanes) if (other === dial) return lane;
    return null;
  }
}
