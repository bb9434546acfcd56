import type { Notice } from '../../bridge/protocol.ts';
import { answerCall, type EngineReceiver, runCall } from '../../bridge/worker-server.ts';
import type { HeldFiles, HeldShare } from '../session/held-files.ts';
import type { NoticePort } from '../snapshot/publisher.ts';
import { pairChannel, presenceLock, readToLeader, type ToFollower, type ToLeader } from './messages.ts';
import { RelayedPorts } from './relayed-ports.ts';

/** Files sent at once: each costs 0.2 ms and more, and the engine must not stand still for thousands of them. */
const partFiles = 100;

/** The engine, as far as other tabs see it. */
export interface SharedEngine {
  /** A page that sees and commands it, until `close`. */
  open(page: NoticePort): EngineReceiver & { readonly close: () => void };
}

/** What the leader has of one other tab. */
class Follower {
  readonly #channel: BroadcastChannel;
  readonly #view: ReturnType<SharedEngine['open']> | null;
  readonly #ports = new RelayedPorts((message) => this.#post(message));
  readonly #held: HeldFiles;
  readonly #changed: () => void;
  readonly #lacks = new Set<string>();
  #sending: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `engine` is null for a tab of another version: it is handed the files, and may not call. `changed`: it has more, or fewer, of the files. */
  constructor(channel: BroadcastChannel, engine: SharedEngine | null, held: HeldFiles, changed: () => void) {
    this.#channel = channel;
    this.#held = held;
    this.#changed = changed;
    channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#receive(readToLeader(data));
    this.#view = engine?.open({ postMessage: ({ notice }) => this.#notify(notice) }) ?? null;
  }

  /** It holds the files of every share. */
  get covers(): boolean {
    return this.#view !== null && this.#lacks.size === 0;
  }

  welcome(ids: readonly string[]): void {
    this.#post({ welcome: { ids, held: this.#held.ids } });
    for (const id of this.#held.ids) this.hand(id);
  }

  /** One share after the other, in parts. What cannot be sent stays lacking. */
  hand(id: string): void {
    this.#lacks.add(id);
    this.#sending = Promise.allSettled([this.#sending.then(() => this.#send(id))]);
  }

  /** The share was removed. A tab of another version sees no engine and hears it here. */
  forget(id: string): void {
    this.#lacks.delete(id);
    if (this.#view === null) this.#post({ notice: { kind: 'removed', id } });
  }

  close(): void {
    this.#closed = true;
    this.#view?.close();
    this.#ports.close();
    this.#channel.close();
  }

  async #send(id: string): Promise<void> {
    const share = this.#held.get(id);
    if (share === undefined) return void this.#lacks.delete(id);
    for (const part of partsOf(id, share)) {
      // Removed between two parts, or held anew and handed again.
      if (this.#held.get(id) !== share) return;
      await this.#sendPart(part);
    }
  }

  async #sendPart(part: ToFollower): Promise<void> {
    this.#post(part);
    await new Promise((resolve) => setTimeout(resolve));
  }

  #receive(message: ToLeader | null): void {
    if (message === null || this.#closed) return;
    if ('beat' in message) return this.#post({ notice: { kind: 'beat', number: message.beat } });
    if ('port' in message) return this.#ports.receive(message);
    if ('holds' in message) return this.#holds(message.holds);
    const view = this.#view;
    if (view === null) return;
    void answerCall(
      message,
      () => runCall(view, message.call, this.#ports.unpacked(message.args)),
      (reply) => this.#post(reply),
    );
  }

  #holds(id: string): void {
    this.#lacks.delete(id);
    this.#changed();
  }

  #notify(notice: Notice): void {
    if (notice.kind === 'removed') this.#lacks.delete(notice.id);
    this.#post({ notice });
  }

  #post(message: ToFollower): void {
    if (!this.#closed) this.#channel.postMessage(message);
  }
}

function* partsOf(id: string, share: HeldShare): Generator<ToFollower> {
  const { files } = share;
  for (let start = 0; start === 0 || start < files.length; start += partFiles) {
    const end = start + partFiles;
    yield { held: id, share: { ...share, files: files.slice(start, end) }, first: start === 0, last: end >= files.length };
  }
}

/** The other tabs of this browser, as the one that leads serves them. */
export class Followers {
  readonly #own: string;
  readonly #engine: SharedEngine;
  readonly #held: HeldFiles;
  readonly #changed: () => void;
  readonly #all = new Map<string, Follower>();
  readonly #over = new AbortController();
  /** `null` until the engine has begun. */
  #ids: (() => readonly string[]) | null = null;

  /** `changed`: {@link cover} may have changed. */
  constructor(own: string, engine: SharedEngine, held: HeldFiles, changed: () => void) {
    this.#own = own;
    this.#engine = engine;
    this.#held = held;
    this.#changed = changed;
    held.onHeld = (id) => {
      for (const follower of this.#all.values()) follower.hand(id);
      changed();
    };
    held.onForgotten = (id) => {
      for (const follower of this.#all.values()) follower.forget(id);
      changed();
    };
  }

  /** Another tab would go on with everything. */
  get cover(): boolean {
    return [...this.#all.values()].some(({ covers }) => covers);
  }

  /** The engine takes calls from now on. */
  open(ids: () => readonly string[]): void {
    this.#ids = ids;
    for (const follower of this.#all.values()) follower.welcome(ids());
  }

  /** It listens on our channel. */
  welcome(tab: string, sameVersion: boolean): void {
    // It was with another leader meanwhile: its link there is new, and so are the numbers of its calls.
    const before = this.#all.get(tab);
    before?.close();
    const channel = new BroadcastChannel(pairChannel(this.#own, tab));
    const follower = new Follower(channel, sameVersion ? this.#engine : null, this.#held, this.#changed);
    this.#all.set(tab, follower);
    if (this.#ids !== null) follower.welcome(this.#ids());
    this.#changed();
    if (before === undefined) void this.#untilGone(tab);
  }

  close(): void {
    this.#over.abort();
    this.#held.onHeld = () => undefined;
    this.#held.onForgotten = () => undefined;
    for (const follower of this.#all.values()) follower.close();
    this.#all.clear();
  }

  async #untilGone(tab: string): Promise<void> {
    const gone = navigator.locks.request(presenceLock(tab), { signal: this.#over.signal }, () => undefined);
    const [waited] = await Promise.allSettled([gone]);
    if (waited.status === 'rejected') return;
    this.#all.get(tab)?.close();
    this.#all.delete(tab);
    this.#changed();
  }
}
