import { assert } from '../../../shared/assert.ts';
import type { LinkId, Milliseconds, PeerId } from '../../../shared/ids.ts';
import type { LinkPath, RtcOrder, RtcReport } from '../../bridge/protocol.ts';
import { ChannelLink, type Channel } from '../links/channel-link.ts';
import type { NextTask } from '../links/next-task.ts';
import { RelayChannel } from '../links/relay-channel.ts';

/**
 * One WebRTC connection of the page, from the order to make it until it is closed. It is in exactly one of these states:
 * `gathering` (our offer is being made), `ready` (made, not sent), `offered` (sent to a tracker, unanswered), `answering` (our answer to
 * another's offer is being made), `connecting` (both sides described), `open`. Every state but `open` ends at `deadlineAt`.
 */
export interface Dial {
  readonly id: LinkId;
  /** We made the offer. */
  readonly initiator: boolean;
  owner: DialOwner;
  state: 'gathering' | 'ready' | 'offered' | 'answering' | 'connecting' | 'open';
  /** When it took this state. */
  since: Milliseconds;
  deadlineAt: Milliseconds;
  /** When something last came over it. */
  heardAt: Milliseconds;
  /** Ours, once made. */
  sdp: string;
  /** What an answer must name; for an answer of ours, what it names. */
  offerId: string;
  /** The tracker through which the other side is reached. */
  tracker: string;
  /** Known from the other side's offer or answer. */
  peerId: PeerId | null;
  link: ChannelLink | null;
  /** `null` while the page has not said. */
  path: LinkPath | null;
}

/** The torrent a dial is for. */
export interface DialOwner {
  /** Our offer (`ready`) or answer (`connecting`) has been made. */
  described(dial: Dial): void;
  opened(dial: Dial): void;
  bytes(dial: Dial, bytes: Uint8Array): void;
  drained(dial: Dial, blockBytes: number): void;
  /** It is gone, and not by our own `close`. `wasOpen` tells a lost connection from one that was never made. */
  ended(dial: Dial, wasOpen: boolean): void;
  /** An unanswered offer was taken away to be sent for another torrent, or to make room. */
  taken(dial: Dial): void;
}

/** Chrome fails when a page holds too many connections (reports begin at about 120). */
const maxOpen = 60;
const maxPending = 20;

/** The rest of `maxPending` is kept for answering: a page that only offers could never be reached. */
const maxOffering = 12;

/** A page that makes no description within this is not doing so any more. */
const gatherMs = 10_000;

/** As WebTorrent: bittorrent-tracker's OFFER_TIMEOUT, and the connect timeout of its peers. */
const offeredMs = 50_000;
const connectMs = 25_000;

/** Answers come within seconds; an offer older than this may be sent to somebody else. */
const answeredMs = 10_000;

/** Candidates age: a connection that never got anywhere is made anew after this. */
const reusableMs = 60_000;

/** Makes connections through the page within the page's budget, and keeps the deadlines of those that do not open. */
export class Dialler {
  readonly #order: (order: RtcOrder) => void;
  readonly #nextTask: NextTask;
  readonly #now: () => Milliseconds;
  readonly #dials = new Map<LinkId, Dial>();
  readonly #madeAt = new Map<LinkId, Milliseconds>();
  #lastId = 0;
  #open = 0;

  constructor(order: (order: RtcOrder) => void, nextTask: NextTask, now: () => Milliseconds) {
    this.#order = order;
    this.#nextTask = nextTask;
    this.#now = now;
  }

  /** How many more connections the page may hold. */
  get room(): number {
    let live = this.#open;
    for (const { state } of this.#dials.values()) if (state === 'answering' || state === 'connecting') live++;
    return maxOpen - live;
  }

  /** A dial that is or will be `ready`; `null` where the page's budget is spent. Takes an offer nobody answered before making another. */
  offer(owner: DialOwner): Dial | null {
    const unanswered = this.#oldestOffered(answeredMs);
    if (unanswered !== null && this.#now() - this.#madeAt.get(unanswered.id)! < reusableMs) {
      unanswered.owner.taken(unanswered);
      unanswered.owner = owner;
      unanswered.offerId = '';
      this.#enter(unanswered, 'ready', offeredMs);
      return unanswered;
    }
    const offering = this.#count((dial) => dial.initiator && dial.state !== 'connecting' && dial.state !== 'open');
    if (offering >= maxOffering || this.#pending() >= maxPending || this.room <= 0) return null;
    const dial = this.#make(owner, true, 'gathering', gatherMs);
    this.#order({ kind: 'offer', link: dial.id });
    return dial;
  }

  /** Answers another's offer; `null` where the page's budget is spent. An offer of ours without answer gives way. */
  answer(owner: DialOwner, sdp: string): Dial | null {
    if (this.room <= 0) return null;
    if (this.#pending() >= maxPending) {
      const unanswered = this.#oldestOffered(0);
      if (unanswered === null) return null;
      unanswered.owner.taken(unanswered);
      this.close(unanswered);
    }
    const dial = this.#make(owner, false, 'answering', connectMs);
    this.#order({ kind: 'answer', link: dial.id, sdp });
    return dial;
  }

  sent(dial: Dial, offerId: string, tracker: string): void {
    assert(dial.state === 'ready', 'only an unsent offer is sent');
    dial.offerId = offerId;
    dial.tracker = tracker;
    this.#enter(dial, 'offered', offeredMs);
  }

  /** Their answer to our offer has come. */
  accept(dial: Dial, sdp: string): void {
    assert(dial.state === 'offered', 'only an unanswered offer is answered');
    this.#enter(dial, 'connecting', connectMs);
    this.#order({ kind: 'accept', link: dial.id, sdp });
  }

  /** It opens within this or not at all. */
  hasten(dial: Dial, forMs: number): void {
    dial.deadlineAt = Math.min(dial.deadlineAt, this.#now() + forMs);
  }

  /** By our own wish: the owner is not called. */
  close(dial: Dial): void {
    if (this.#remove(dial)) this.#order({ kind: 'close', link: dial.id });
  }

  report(report: RtcReport): void {
    const dial = this.#dials.get(report.link);
    if (dial === undefined) {
      // It was closed while the page was still at it: what it sent along is let go.
      if (report.kind === 'channel') report.channel.close();
      else if (report.kind === 'port') report.port.close();
      return;
    }
    if (report.kind === 'description') this.#described(dial, report.sdp);
    else if (report.kind === 'channel') this.#attach(dial, report.channel);
    else if (report.kind === 'port') this.#attach(dial, new RelayChannel(report.port));
    else if (report.kind === 'path') dial.path = report.path;
    else this.#end(dial);
  }

  /** Ends what did not open in time. */
  advance(now: Milliseconds): void {
    for (const dial of this.#dials.values()) {
      if (dial.deadlineAt > now) continue;
      this.#order({ kind: 'close', link: dial.id });
      this.#end(dial);
    }
  }

  wakeAt(): Milliseconds {
    let at = Infinity;
    for (const dial of this.#dials.values()) at = Math.min(at, dial.deadlineAt);
    return at;
  }

  #make(owner: DialOwner, initiator: boolean, state: Dial['state'], forMs: number): Dial {
    const id = ++this.#lastId as LinkId;
    const now = this.#now();
    const dial: Dial = {
      id,
      initiator,
      owner,
      state,
      since: now,
      deadlineAt: now + forMs,
      heardAt: now,
      sdp: '',
      offerId: '',
      tracker: '',
      peerId: null,
      link: null,
      path: null,
    };
    this.#dials.set(id, dial);
    this.#madeAt.set(id, now);
    return dial;
  }

  #enter(dial: Dial, state: Dial['state'], forMs: number): void {
    dial.state = state;
    dial.since = this.#now();
    dial.deadlineAt = dial.since + forMs;
  }

  #described(dial: Dial, sdp: string): void {
    dial.sdp = sdp;
    if (dial.state === 'gathering') this.#enter(dial, 'ready', offeredMs);
    else if (dial.state === 'answering') this.#enter(dial, 'connecting', connectMs);
    else return;
    dial.owner.described(dial);
  }

  #attach(dial: Dial, channel: Channel): void {
    dial.link = new ChannelLink(dial.id, channel, this.#nextTask, {
      opened: () => this.#opened(dial),
      bytes: (bytes) => {
        dial.heardAt = this.#now();
        dial.owner.bytes(dial, bytes);
      },
      drained: (blockBytes) => dial.owner.drained(dial, blockBytes),
      closed: () => {
        this.#order({ kind: 'close', link: dial.id });
        this.#end(dial);
      },
    });
  }

  #opened(dial: Dial): void {
    this.#open++;
    this.#enter(dial, 'open', Infinity);
    this.#order({ kind: 'opened', link: dial.id });
    dial.owner.opened(dial);
  }

  #end(dial: Dial): void {
    const wasOpen = dial.state === 'open';
    if (this.#remove(dial)) dial.owner.ended(dial, wasOpen);
  }

  #remove(dial: Dial): boolean {
    if (!this.#dials.delete(dial.id)) return false;
    this.#madeAt.delete(dial.id);
    if (dial.state === 'open') this.#open--;
    dial.link?.close();
    return true;
  }

  #pending(): number {
    return this.#dials.size - this.#open;
  }

  #count(is: (dial: Dial) => boolean): number {
    let count = 0;
    for (const dial of this.#dials.values()) if (is(dial)) count++;
    return count;
  }

  /** The offer that has been without answer the longest, for at least `forMs`. */
  #oldestOffered(forMs: number): Dial | null {
    const before = this.#now() - forMs;
    let oldest: Dial | null = null;
    for (const dial of this.#dials.values()) {
      if (dial.state === 'offered' && dial.since <= before && (oldest === null || dial.since < oldest.since)) oldest = dial;
    }
    return oldest;
  }
}
