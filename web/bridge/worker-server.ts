import { failureOf } from '../../shared/failure.ts';
import type { Calls, Notice, RtcOrder, RtcReport, ToPage, ToWorker } from './protocol.ts';

/** One handler a call, answering now or later. */
export type Handlers = {
  readonly [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => ReturnType<Calls[Name]> | Promise<ReturnType<Calls[Name]>>;
};

/** The Worker's end of the border: calls in, replies and notices out. */
export interface ServerPort {
  postMessage(message: ToPage): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
}

export interface ServerOptions {
  readonly port: ServerPort;
  readonly handlers: Handlers;
  readonly onReport: (report: RtcReport) => void;
}

/** Dispatches what the page posts. A handler that throws or rejects becomes a failure with a code, never a silent call. */
export class EngineServer {
  readonly #port: ServerPort;
  readonly #handlers: Handlers;
  readonly #onReport: (report: RtcReport) => void;

  constructor({ port, handlers, onReport }: ServerOptions) {
    this.#port = port;
    this.#handlers = handlers;
    this.#onReport = onReport;
  }

  listen(): void {
    this.#port.addEventListener('message', (event) => this.#receive(event.data));
  }

  #receive(message: ToWorker): void {
    if ('rtc' in message) return this.#onReport(message.rtc);
    if ('beat' in message) return this.#port.postMessage({ notice: { kind: 'beat', number: message.beat } });
    void this.#answer(message.call, message.number, message.args);
  }

  async #answer(call: keyof Calls, number: number, args: readonly unknown[]): Promise<void> {
    try {
      // The border is typed at its other end (`EngineClient.call`); here the arguments of all calls meet in one envelope.
      const handler = this.#handlers[call] as (this: Handlers, ...args: unknown[]) => unknown;
      const value = await handler.apply(this.#handlers, [...args]);
      this.#port.postMessage({ reply: number, value });
    } catch (error) {
      this.#port.postMessage({ reply: number, failure: failureOf(error, 'torrentFailed') });
    }
  }
}

export function sendNotice(port: ServerPort, notice: Notice): void {
  port.postMessage({ notice });
}

export function sendOrder(port: ServerPort, rtc: RtcOrder): void {
  port.postMessage({ rtc });
}
