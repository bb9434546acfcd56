import { failureOf } from '../../shared/failure.ts';
import type { Calls, EngineCalls, RtcReport, SessionCalls, ToPage, TorrentCalls, ToWorker } from './protocol.ts';

/** One handler a call, answering now or later. */
export type Handlers<Some> = {
  readonly [Name in keyof Some]: Some[Name] extends (...args: infer Args) => infer Reply
    ? (...args: Args) => Reply | Promise<Reply>
    : never;
};

/** The engine as the border sees it: who answers which calls. */
export interface EngineReceiver extends Handlers<EngineCalls> {
  /** @throws TabswarmError `otherTab` while another tab owns the engine. */
  session(): Handlers<SessionCalls>;
  /** @throws TabswarmError `otherTab`, `unknownTorrent` */
  torrent(id: string): Handlers<TorrentCalls>;
  /** What the page's connections report. */
  report(report: RtcReport): void;
}

const engineCalls: Readonly<Record<keyof EngineCalls, true>> = {
  start: true,
  watch: true,
  useWebSeeds: true,
  useTrackers: true,
  visible: true,
};

const torrentCalls: Readonly<Record<keyof TorrentCalls, true>> = {
  want: true,
  files: true,
  torrentFile: true,
  pause: true,
  resume: true,
  save: true,
  stream: true,
  saved: true,
  check: true,
  fileHandles: true,
  reopenFiles: true,
};

/** The Worker's end of the border: calls in, replies and notices out. */
export interface ServerPort {
  postMessage(message: ToPage): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
}

/** Dispatches what the page posts. A handler that throws or rejects becomes a failure with a code, never a silent call. */
export class EngineServer {
  readonly #port: ServerPort;
  readonly #engine: EngineReceiver;

  constructor(port: ServerPort, engine: EngineReceiver) {
    this.#port = port;
    this.#engine = engine;
  }

  listen(): void {
    this.#port.addEventListener('message', (event) => this.#receive(event.data));
  }

  #receive(message: ToWorker): void {
    if ('rtc' in message) return this.#engine.report(message.rtc);
    if ('beat' in message) return this.#port.postMessage({ notice: { kind: 'beat', number: message.beat } });
    void this.#answer(message.call, message.number, message.args);
  }

  async #answer(call: keyof Calls, number: number, args: readonly unknown[]): Promise<void> {
    try {
      this.#port.postMessage({ reply: number, value: await this.#run(call, args) });
    } catch (error) {
      this.#port.postMessage({ reply: number, failure: failureOf(error, 'torrentFailed') });
    }
  }

  #run(call: keyof Calls, args: readonly unknown[]): unknown {
    if (call in torrentCalls) return invoke(this.#engine.torrent(args[0] as string), call, args.slice(1));
    return invoke(call in engineCalls ? this.#engine : this.#engine.session(), call, args);
  }
}

/** The border is typed at its other end (`EngineClient.call`); here the arguments of all calls meet in one envelope. */
function invoke(receiver: object, call: keyof Calls, args: readonly unknown[]): unknown {
  return (receiver as Record<keyof Calls, (...args: readonly unknown[]) => unknown>)[call](...args);
}
