import { TabswarmError, type Failure } from '../../../shared/failure.ts';
import type { Notice } from '../../bridge/protocol.ts';
import type { HeldFiles } from '../session/held-files.ts';
import { type HeldPart, pairChannel, readToFollower, type ToFollower, type ToLeader } from './messages.ts';
import { RelayedPorts } from './relayed-ports.ts';
import { Role } from './role.ts';

export interface LeaderLinkOptions {
  readonly leader: string;
  readonly own: string;
  readonly held: HeldFiles;
  readonly notify: (notice: Notice) => void;
  /** The leader has answered for the first time: the shares whose files it holds. */
  readonly welcomed: (link: LeaderLink, held: readonly string[]) => void;
  /** All of those files are held here now, too. */
  readonly handed: () => void;
  /** It lives. */
  readonly heard: () => void;
}

interface OpenCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The engine of another tab, seen from one that follows it. */
export class LeaderLink extends Role {
  readonly leader: string;
  readonly #options: LeaderLinkOptions;
  readonly #channel: BroadcastChannel;
  readonly #ports = new RelayedPorts((message) => this.#post(message));
  readonly #open = new Map<number, OpenCall>();
  readonly #parts = new Map<string, HeldPart['share']>();
  #lastNumber = 0;
  #beats = 0;
  #ids: readonly string[] = [];
  /** Shares whose files are still to come. */
  readonly #due = new Set<string>();

  constructor(options: LeaderLinkOptions) {
    super();
    this.#options = options;
    this.leader = options.leader;
    this.#channel = new BroadcastChannel(pairChannel(options.leader, options.own));
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#receive(readToFollower(data));
  }

  /** The torrents that were there when the leader answered first. */
  override ids(): readonly string[] {
    return this.#ids;
  }

  override run(call: string, args: readonly unknown[]): Promise<unknown> {
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#open.set(number, { resolve, reject });
      this.#post({ call, number, args: this.#ports.packed(args) } as ToLeader);
    });
  }

  beat(): void {
    this.#post({ beat: ++this.#beats });
  }

  override close(): void {
    super.close();
    this.#channel.close();
    this.#ports.close();
    this.#open.clear();
  }

  #receive(message: ToFollower | null): void {
    if (message === null || this.isOver) return;
    this.#options.heard();
    if ('welcome' in message) return this.#welcomed(message.welcome);
    if ('held' in message) return this.#hold(message);
    if ('port' in message) return this.#ports.receive(message);
    if ('notice' in message) return this.#notice(message.notice);
    const open = this.#open.get(message.reply);
    this.#open.delete(message.reply);
    if ('failure' in message) open?.reject(errorOf(message.failure));
    else open?.resolve(message.value);
  }

  #welcomed({ ids, held }: { readonly ids: readonly string[]; readonly held: readonly string[] }): void {
    this.#ids = ids;
    for (const id of held) this.#due.add(id);
    this.#options.welcomed(this, held);
    if (held.length === 0) this.#options.handed();
  }

  #notice(notice: Notice): void {
    if (notice.kind === 'removed') this.#removed(notice.id);
    if (notice.kind !== 'beat') this.#options.notify(notice);
  }

  #removed(id: string): void {
    this.#parts.delete(id);
    this.#options.held.forget(id);
    this.#arrived(id);
  }

  /** Nothing more comes of this share. */
  #arrived(id: string): void {
    if (this.#due.delete(id) && this.#due.size === 0) this.#options.handed();
  }

  #hold({ held, share, first, last }: HeldPart): void {
    const before = first ? [] : (this.#parts.get(held)?.files ?? []);
    const sofar = { ...share, files: [...before, ...share.files] };
    if (!last) return void this.#parts.set(held, sofar);
    this.#parts.delete(held);
    this.#options.held.adopt(held, sofar);
    this.#post({ holds: held });
    this.#arrived(held);
  }

  #post(message: ToLeader): void {
    if (!this.isOver) this.#channel.postMessage(message);
  }
}

function errorOf({ code, detail }: Failure): TabswarmError {
  return new TabswarmError(code, detail);
}
