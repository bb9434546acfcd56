import { TabswarmError, type Failure } from '../../shared/failure.ts';
import type { Calls, Notice, RtcOrder, RtcReport, ToPage, ToWorker } from './protocol.ts';

/** What the client uses of a Worker; tests and the fixture engine provide a stand-in. */
export interface EnginePort {
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToPage>) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: () => void): void;
  terminate(): void;
}

export interface EngineListeners {
  readonly onNotice: (notice: Notice) => void;
  readonly onOrder: (order: RtcOrder) => void;
  /** Called once; every open call is rejected with the same failure. `suspect`: the torrent that was being stepped. */
  readonly onCrash: (failure: Failure, suspect: string | null) => void;
}

interface OpenCall {
  readonly resolve: (value: never) => void;
  readonly reject: (failure: Failure) => void;
}

/** The engine answers within a turn of its event loop; hashing and storage hold it for milliseconds only. */
const beatMs = 5_000;

/**
 * Beats in a row that may stay unanswered. Counted in beats and not by a clock: after a suspended night the clock has jumped, and the Worker
 * had no chance to answer.
 */
const missedBeats = 4;

/** Calls with replies over a Worker, notices and WebRTC orders out of it, and a clear end when the Worker dies or falls silent. */
export class EngineClient {
  readonly #port: EnginePort;
  readonly #listeners: EngineListeners;
  readonly #open = new Map<number, OpenCall>();
  readonly #heart: ReturnType<typeof setInterval>;
  #lastNumber = 0;
  #beatsSent = 0;
  #beatsSeen = 0;
  #crash: Failure | null = null;
  #stepping: string | null = null;

  constructor(port: EnginePort, listeners: EngineListeners) {
    this.#port = port;
    this.#listeners = listeners;
    port.addEventListener('message', (event) => this.#receive(event.data));
    port.addEventListener('error', () => this.#die());
    port.addEventListener('messageerror', () => this.#die());
    this.#heart = setInterval(() => this.#beat(), beatMs);
  }

  get crashed(): boolean {
    return this.#crash !== null;
  }

  /** Resolves with the reply, rejects with a {@link TabswarmError}. Buffers and ports in `transfer` change owner. */
  call<Name extends keyof Calls>(
    name: Name,
    args: Parameters<Calls[Name]>,
    transfer: Transferable[] = [],
  ): Promise<ReturnType<Calls[Name]>> {
    if (this.#crash !== null) return Promise.reject(errorOf(this.#crash));
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#open.set(number, { resolve, reject: (failure) => reject(errorOf(failure)) });
      this.#port.postMessage({ call: name, number, args }, transfer);
    });
  }

  /** The page is being left. Open calls get no answer. */
  close(): void {
    clearInterval(this.#heart);
    this.#port.terminate();
  }

  report(rtc: RtcReport, transfer: Transferable[]): void {
    if (this.#crash === null) this.#port.postMessage({ rtc }, transfer);
  }

  #receive(message: ToPage): void {
    if ('rtc' in message) return this.#listeners.onOrder(message.rtc);
    if ('notice' in message) return this.#notice(message.notice);
    if ('stepping' in message) return this.#stepped(message.stepping);
    const open = this.#open.get(message.reply);
    if (open === undefined) return;
    this.#open.delete(message.reply);
    if ('failure' in message) open.reject(message.failure);
    else open.resolve(message.value as never);
  }

  #stepped(id: string | null): void {
    this.#stepping = id;
  }

  #notice(notice: Notice): void {
    // Any message shows that the Worker lives.
    this.#beatsSeen = this.#beatsSent;
    if (notice.kind !== 'beat') this.#listeners.onNotice(notice);
  }

  #beat(): void {
    if (this.#beatsSent - this.#beatsSeen >= missedBeats) return this.#die();
    this.#beatsSent++;
    this.#port.postMessage({ beat: this.#beatsSent }, []);
  }

  #die(): void {
    if (this.#crash !== null) return;
    const failure: Failure = { code: 'engineCrashed' };
    this.#crash = failure;
    clearInterval(this.#heart);
    this.#port.terminate();
    for (const open of this.#open.values()) open.reject(failure);
    this.#open.clear();
    this.#listeners.onCrash(failure, this.#stepping);
  }
}

function errorOf(failure: Failure): TabswarmError {
  return new TabswarmError(failure.code, failure.detail);
}
