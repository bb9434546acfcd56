import type { LinkId } from '../../shared/ids.ts';
import type { ClosedCode, RtcOrder, RtcReport } from '../bridge/protocol.ts';
import { relay } from './relay.ts';
import { SimplePeerLink } from './simple-peer-link.ts';

/** How long a connection may be without network before it is given up. The browser keeps trying during this time. */
const disconnectedMs = 5000;

/** The first address pair that works is not always the final one. */
const settledMs = 2000;

export interface RtcHostOptions {
  /** Posts to the Worker; throws DataCloneError where the channel in `transfer` cannot be transferred. */
  readonly post: (report: RtcReport, transfer: readonly Transferable[]) => void;
  /** Asked at each new connection. */
  readonly iceServers: () => readonly RTCIceServer[];
  /** Asked at each new connection. With `relay` bytes go only through a TURN server, so that the other side does not see our address. */
  readonly iceTransportPolicy?: () => RTCIceTransportPolicy;
  /** Asked at each new connection, which makes a certificate of its own where the list is empty. */
  readonly certificates?: () => RTCCertificate[];
  /** Relays every channel through a port even where it could be transferred: for tests of that path. */
  readonly relay: boolean;
}

interface HeldLink {
  readonly peer: SimplePeerLink;
  disconnectedTimer: ReturnType<typeof setTimeout> | undefined;
  pathTimer: ReturnType<typeof setTimeout> | undefined;
}

/** Opens and closes the page's WebRTC connections as the Worker orders. It decides nothing. */
export class RtcHost {
  readonly #options: RtcHostOptions;
  readonly #links = new Map<LinkId, HeldLink>();
  #canTransfer: boolean;

  constructor(options: RtcHostOptions) {
    this.#options = options;
    this.#canTransfer = !options.relay;
  }

  obey(order: RtcOrder): void {
    const held = this.#links.get(order.link);
    switch (order.kind) {
      case 'offer':
        this.#open(order.link, true);
        break;
      case 'answer':
        this.#open(order.link, false).signal({ type: 'offer', sdp: order.sdp });
        break;
      case 'accept':
        if (held?.peer.destroyed === false) held.peer.signal({ type: 'answer', sdp: order.sdp });
        break;
      case 'opened':
        held?.peer.channelOpened();
        if (held !== undefined && order.isMeasured) {
          void this.#tellRoundTrip(order.link, held);
          this.#tellPathSoon(order.link, held);
        }
        break;
      case 'close':
        this.#forget(order.link);
        held?.peer.destroy();
        break;
    }
  }

  /** Ends every connection at once, so that peers need not wait for a timeout: for `pagehide`. */
  close(): void {
    for (const [link, { peer }] of this.#links) {
      this.#report({ kind: 'closed', link, code: 'disconnected', detail: 'the page was left' });
      this.#forget(link);
      peer.destroy();
    }
  }

  #open(link: LinkId, initiator: boolean): SimplePeerLink {
    const peer = new SimplePeerLink({
      initiator,
      iceServers: this.#options.iceServers(),
      iceTransportPolicy: this.#options.iceTransportPolicy?.() ?? 'all',
      certificates: this.#options.certificates?.() ?? [],
      takeChannel: (channel) => this.#takeChannel(link, channel),
    });
    this.#links.set(link, { peer, disconnectedTimer: undefined, pathTimer: undefined });
    peer.on('signal', ({ type, sdp }) => {
      if ((type === 'offer' || type === 'answer') && sdp !== undefined) this.#report({ kind: 'description', link, type, sdp });
    });
    peer.on('iceStateChange', (state) => this.#iceChanged(link, state));
    peer.on('error', (error) => this.#ended(link, closedCode(error.code), error.message));
    peer.on('close', () => this.#ended(link, 'disconnected', ''));
    return peer;
  }

  #takeChannel(link: LinkId, channel: RTCDataChannel): 'transferred' | 'kept' {
    if (this.#canTransfer) {
      try {
        this.#options.post({ kind: 'channel', link, channel }, [channel]);
        return 'transferred';
      } catch (error) {
        if (!(error instanceof DOMException && error.name === 'DataCloneError')) throw error;
        this.#canTransfer = false;
      }
    }
    const { port1, port2 } = new MessageChannel();
    relay(channel, port1);
    this.#options.post({ kind: 'port', link, port: port2 }, [port2]);
    return 'kept';
  }

  #iceChanged(link: LinkId, state: RTCIceConnectionState): void {
    const held = this.#links.get(link);
    if (held === undefined) return;
    clearTimeout(held.disconnectedTimer);
    if (state === 'checking' || state === 'connected') this.#report({ kind: 'checking', link });
    if (state === 'disconnected') {
      this.#report({ kind: 'silent', link });
      held.disconnectedTimer = setTimeout(() => this.#ended(link, 'disconnected', 'no network for 5 s'), disconnectedMs);
    }
  }

  async #tellRoundTrip(link: LinkId, { peer }: HeldLink): Promise<void> {
    const ms = await peer.roundTripMs();
    if (ms !== null && this.#links.get(link)?.peer === peer) this.#report({ kind: 'roundTrip', link, ms });
  }

  #tellPathSoon(link: LinkId, held: HeldLink): void {
    held.pathTimer = setTimeout(() => void this.#tellPath(link, held), settledMs);
  }

  async #tellPath(link: LinkId, { peer }: HeldLink): Promise<void> {
    const path = await peer.path();
    if (path !== null && this.#links.get(link)?.peer === peer) this.#report({ kind: 'path', link, path });
  }

  #ended(link: LinkId, code: ClosedCode, detail: string): void {
    const held = this.#links.get(link);
    if (held === undefined) return;
    this.#forget(link);
    held.peer.destroy();
    this.#report({ kind: 'closed', link, code, detail });
  }

  #forget(link: LinkId): void {
    const held = this.#links.get(link);
    clearTimeout(held?.disconnectedTimer);
    clearTimeout(held?.pathTimer);
    this.#links.delete(link);
  }

  #report(report: RtcReport): void {
    this.#options.post(report, []);
  }
}

function closedCode(simplePeerCode: string | undefined): ClosedCode {
  const ice = simplePeerCode === 'ERR_ICE_CONNECTION_FAILURE' || simplePeerCode === 'ERR_CONNECTION_FAILURE';
  return ice ? 'iceFailed' : 'rtcError';
}
