import { TabswarmError } from '../../../shared/failure.ts';
import type { ChosenFile, PublishOptions } from '../../bridge/protocol.ts';
import { type EngineReceiver, runCall } from '../../bridge/worker-server.ts';
import type { HeldFiles, HeldShare } from '../session/held-files.ts';
import { newId } from '../library/torrent-record.ts';
import { CarriedStream, streamCall } from './carried-stream.ts';
import { type Role, RoleEnded } from './role.ts';

/** Files sent at once: each costs 0.2 ms and more. */
const partFiles = 100;

/** A call outlives so many leaders. More tabs than that do not end within one call. */
const mostLeaders = 20;

/** These are said again to each new leader. */
const lasting: ReadonlySet<string> = new Set(['watch', 'visible', 'useTrackers', 'usePreferences']);

/** The calls of this tab's page: answered by whoever leads, and asked again where that tab is gone before it replied. */
export class PageCalls {
  readonly #tab: string;
  readonly #own: EngineReceiver;
  readonly #held: HeldFiles;
  readonly #batches = new Map<string, readonly ChosenFile[]>();
  readonly #said = new Map<string, readonly unknown[]>();
  #role: Role | null = null;
  #waiting: ((role: Role) => void)[] = [];

  constructor(tab: string, own: EngineReceiver, held: HeldFiles) {
    this.#tab = tab;
    this.#own = own;
    this.#held = held;
  }

  /** From now on `role` answers, also what waited. */
  use(role: Role): void {
    this.#role?.close();
    this.#role = role;
    for (const [call, args] of this.#said) void Promise.allSettled([role.run(call, args)]);
    for (const resolve of this.#waiting.splice(0)) resolve(role);
  }

  /** Nobody leads for the moment: calls wait. */
  wait(): void {
    this.#role?.close();
    this.#role = null;
  }

  async run(call: string, args: readonly unknown[]): Promise<unknown> {
    if (call === 'handFiles') return this.#take(args[0] as string, args[1] as readonly ChosenFile[]);
    if (call === 'publish') return this.#publish(args[0] as string, args[1] as string, args[2] as PublishOptions);
    if (call === 'reconnectFiles' || call === 'reuseFiles') return this.#withFiles(call, args[0] as string, this.#taken(args[1] as string));
    if (lasting.has(call)) return this.#say(call, args);
    const stream = streamCall(call, args);
    if (stream !== null) return this.#carry(new CarriedStream(stream));
    return this.through((role) => role.run(call, args));
  }

  /** Asks the leader; where it goes before it replies, the next one. */
  async through<Reply>(ask: (role: Role) => Promise<Reply>): Promise<Reply> {
    for (let leaders = 0; leaders < mostLeaders; leaders++) {
      const role = await this.#leader();
      try {
        return await Promise.race([ask(role), role.ended]);
      } catch (error) {
        // What fails because the session is being closed is no answer either.
        if (!(error instanceof RoleEnded) && !role.isOver) throw error;
      }
    }
    throw new TabswarmError('engineCrashed', 'no tab kept the lead');
  }

  #leader(): Role | Promise<Role> {
    if (this.#role !== null && !this.#role.isOver) return this.#role;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The leader lacks the files of this share, which this tab holds. */
  async hand(id: string, share: HeldShare, isKnown: boolean): Promise<void> {
    if (isKnown) await this.#withFiles('reuseFiles', id, share.files);
    else await this.#publishHeld(id, share);
  }

  /** The reply, or the failure, ends the stream. */
  async #carry(stream: CarriedStream): Promise<unknown> {
    try {
      return await this.through((role) => stream.from(role));
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** Holds for this page and, where this tab leads one day, for its engine. */
  async #say(call: string, args: readonly unknown[]): Promise<unknown> {
    this.#said.set(call, args);
    runCall(this.#own, call, args);
    return this.#role === null ? undefined : this.#role.run(call, args);
  }

  #take(batch: string, files: readonly ChosenFile[]): void {
    this.#batches.set(batch, [...(this.#batches.get(batch) ?? []), ...files]);
  }

  #taken(batch: string): readonly ChosenFile[] {
    const files = this.#batches.get(batch) ?? [];
    this.#batches.delete(batch);
    return files;
  }

  /** The share gets its id here: asked a second time, it is the same share. */
  async #publish(name: string, batch: string, { keepCopy, strategy = '', id = newId() }: PublishOptions): Promise<unknown> {
    const share = { name, keepCopy, strategy, files: this.#taken(batch) };
    const reply = await this.#publishHeld(id, share);
    this.#held.adopt(id, share);
    return reply;
  }

  #publishHeld(id: string, { name, keepCopy, strategy = '', files }: HeldShare): Promise<unknown> {
    return this.through(async (role) => role.run('publish', [name, await this.#handTo(role, files), { keepCopy, strategy, id }]));
  }

  #withFiles(call: 'reconnectFiles' | 'reuseFiles', id: string, files: readonly ChosenFile[]): Promise<unknown> {
    return this.through(async (role) => role.run(call, [id, await this.#handTo(role, files)]));
  }

  /** Replies with the name of the batch. */
  async #handTo(role: Role, files: readonly ChosenFile[]): Promise<string> {
    const batch = `${this.#tab}-${newId()}`;
    for (let start = 0; start < files.length; start += partFiles) {
      await role.run('handFiles', [batch, files.slice(start, start + partFiles)]);
    }
    return batch;
  }
}
