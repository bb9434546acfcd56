/** The part of the server's answer that is shown. */
interface Answer {
  readonly iceServers: readonly RTCIceServer[];
  readonly catalogue: boolean;
  readonly trackers: readonly string[];
  readonly lanOrigin: string | null;
}

/** What the host of this page offers beside the tracker; nothing until the server has said so. */
export class HostOffers {
  readonly origin = location.origin;
  catalogue = $state(false);
  /** A TURN server, without which nobody can be reached through a relay. */
  relay = $state(false);
  iceServers: readonly RTCIceServer[] = $state.raw([]);
  /** Every page of this host announces to these, so that a link need not name them. */
  trackers: readonly string[] = $state.raw([]);
  /** Where other devices of the network reach this page, with `--lan`. */
  lanOrigin: string | null = $state(null);

  constructor(source: { readonly current: Pick<Answer, 'trackers'>; onAnswer(listener: (answer: Answer) => void): void }) {
    // The tracker of the page itself is known without an answer.
    this.trackers = source.current.trackers;
    source.onAnswer(({ catalogue, iceServers, trackers, lanOrigin }) => {
      this.catalogue = catalogue;
      this.iceServers = iceServers;
      this.trackers = trackers;
      this.lanOrigin = lanOrigin;
      this.relay = iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)));
    });
  }
}
