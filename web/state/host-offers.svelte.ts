/** What the host of this page offers besides the tracker. Everything is off until the server has answered. */
export class HostOffers {
  catalogue = $state(false);
  /** A TURN server, without which nobody can be reached through a relay. */
  relay = $state(false);

  constructor(network: Promise<{ readonly catalogue: boolean; readonly iceServers: readonly RTCIceServer[] }>) {
    void network.then(({ catalogue, iceServers }) => {
      this.catalogue = catalogue;
      this.relay = iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)));
    });
  }
}
