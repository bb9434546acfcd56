/** What the host of this page offers beside the tracker; nothing until the server has said so. */
export class HostOffers {
  catalogue = $state(false);

  constructor(network: Promise<{ readonly catalogue: boolean }>) {
    void network.then(({ catalogue }) => (this.catalogue = catalogue));
  }
}
