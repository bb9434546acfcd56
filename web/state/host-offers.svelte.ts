/** The part of the server's answer that is shown. */
interface Answer {
  readonly iceServers: readonly RTCIceServer[];
  readonly catalogue: boolean;
}

/** What the host of this page offers beside the tracker; nothing until the server has said so. */
export class HostOffers {
  catalogue = $state(false);
  /** A TURN server, without which nobody can be reached through a relay. */
  relay = $state(false);

  constructor(source: { onAnswer(listener: (answer: Answer) => void): void }) {
    source.onAnswer(({ catalogue, iceServers }) => {
      this.catalogue = catalogue;
      this.relay = iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)));
    });
  }
}
