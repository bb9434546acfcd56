/**
 * When a description has the candidates that it needs. Without trickle ICE it waits for them, and Chromium says that it is done 100 ms late: it
 * still makes TCP candidates, which browsers cannot use with each other.
 */

/** The addresses of one machine come within a few ms of each other. */
const quietMs = 30;

/** The last public address is a STUN server's reply to the last of them, so only a server's second reply can still come. */
const publicQuietMs = 10;

/** The fields of RTCIceCandidate (RFC 8839, section 5.1) that are looked at; browsers leave them out of what they do not understand. */
export interface Candidate {
  readonly type?: string | null;
  readonly protocol?: string | null;
}

const urlsOf = ({ urls }: RTCIceServer): readonly string[] => (typeof urls === 'string' ? [urls] : urls);

/** The candidates of one description so far. */
export class Gathering {
  readonly #needsRelay: boolean;
  readonly #needsPublic: boolean;
  #hosts = 0;
  #public = 0;

  constructor(iceServers: readonly RTCIceServer[]) {
    this.#needsRelay = iceServers.some((server) => urlsOf(server).some((url) => /^turns?:/.test(url)));
    this.#needsPublic = iceServers.length > 0;
  }

  /**
   * Takes one more candidate. If none comes for the returned time, it was the last one of use; `null`: only the browser knows. With STUN every
   * address of this machine must have its public one; a public address of its own has none, and the browser says when it is done.
   */
  heard({ type, protocol }: Candidate): number | null {
    if (protocol === 'udp' && type === 'host') this.#hosts++;
    if (type === 'srflx') this.#public++;
    if (this.#needsRelay) return null;
    if (!this.#needsPublic) return quietMs;
    return this.#public < Math.max(1, this.#hosts) ? null : publicQuietMs;
  }
}
