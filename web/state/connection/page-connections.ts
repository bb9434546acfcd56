import { failureOf, type Failure } from '../../../shared/failure.ts';
import type { RtcOrder, RtcReport } from '../../bridge/protocol.ts';

/** The page's WebRTC connections, as the mirror sees them. */
export interface ConnectionHost {
  obey(order: RtcOrder): void;
  close(): void;
}

export type MakeHost = (post: (report: RtcReport, transfer: readonly Transferable[]) => void) => ConnectionHost;

/** The page's WebRTC connections, once the part that makes them is loaded. Without it nobody is connected, but stored files can be saved. */
export class PageConnections {
  readonly #host: Promise<ConnectionHost>;

  constructor(
    makeHost: Promise<MakeHost>,
    report: (report: RtcReport, transfer: Transferable[]) => void,
    failed: (failure: Failure) => void,
  ) {
    this.#host = makeHost.then(
      (make) => make((message, transfer) => report(message, [...transfer])),
      (error: unknown) => {
        failed(failureOf(error, 'partMissing'));
        return { obey: () => undefined, close: () => undefined };
      },
    );
  }

  obey(order: RtcOrder): void {
    void this.#host.then((host) => host.obey(order));
  }

  /** Closes all of them: peers learn of it now instead of after a timeout. */
  async close(): Promise<void> {
    (await this.#host).close();
  }
}
