/* oxlint-disable no-underscore-dangle -- simple-peer names its inner members so, and some must be reached or overridden. */
import Peer from 'simple-peer';
import type { Milliseconds } from '../../shared/ids.ts';
import type { LinkPath } from '../bridge/protocol.ts';
import { Gathering } from './gathering.ts';

/**
 * One WebRTC connection through simple-peer (https://github.com/feross/simple-peer), the only file that knows it. Its data channel is
 * handed over in the task that creates it, while it can still be transferred; after that it belongs to the Worker. simple-peer's stream is
 * not used.
 */
export interface LinkOptions {
  readonly initiator: boolean;
  readonly iceServers: readonly RTCIceServer[];
  readonly iceTransportPolicy: RTCIceTransportPolicy;
  readonly certificates: RTCCertificate[];
  /**
   * Takes the channel over in the task of its creation. Replies `transferred` when it now lives elsewhere (a stand-in takes its place
   * here), or `kept` when it stays on the page and is only listened to.
   */
  readonly takeChannel: (channel: RTCDataChannel) => 'transferred' | 'kept';
}

/** The members of the entries of `RTCStatsReport` that lead to the pair of addresses in use (W3C webrtc-stats). */
interface CandidateStatistics {
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly selected?: boolean;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly currentRoundTripTime?: number;
  readonly candidateType?: string;
}

type Statistics = ReadonlyMap<string, CandidateStatistics>;

/** Without trickle ICE a description waits for gathering; with an unreachable STUN server that would be 10 s. */
const gatherMs = 1000;

/**
 * Through a relay alone there is nothing to send before the TURN server has answered twice, which takes a slow network seconds. The Worker
 * gives up at 10 s.
 */
const relayGatherMs = 8000;

/** Ordered, reliable, and announced in-band by the initiator, as every WebTorrent client expects. */
const channelConfig: RTCDataChannelInit = { ordered: true };

export class SimplePeerLink extends Peer {
  readonly #takeChannel: LinkOptions['takeChannel'];
  readonly #gathering: Gathering;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #standIn: StandInChannel | null = null;

  constructor(options: LinkOptions) {
    super({
      initiator: options.initiator,
      trickle: false,
      iceCompleteTimeout: options.iceTransportPolicy === 'relay' ? relayGatherMs : gatherMs,
      channelConfig,
      config: { iceServers: [...options.iceServers], iceTransportPolicy: options.iceTransportPolicy, certificates: options.certificates },
    });
    this.#takeChannel = options.takeChannel;
    this.#gathering = new Gathering(options.iceServers);
    // simple-peer starts this timer at the first candidate only; without any (TURN unreachable) it would wait for the browser to give up.
    // On timeout it sends the description with the candidates found so far, and later ones are lost.
    this._startIceCompleteTimeout();
    // The initiator's channel was made inside `super`, before the private members above existed.
    const channel = this._channel as RTCDataChannel | null;
    if (channel !== null) this.#handOver(channel);
  }

  /** The Worker saw the transferred channel open: from now on simple-peer counts as connected. */
  channelOpened(): void {
    if (this.destroyed || this.#standIn === null) return;
    this.#standIn.readyState = 'open';
    this._onChannelOpen();
  }

  /** From the browser's statistics; `null` where they name no address pair, also after the connection closed. */
  async path(): Promise<LinkPath | null> {
    const entries = await this.#statistics();
    const pair = pairInUse(entries);
    if (pair === null) return null;
    const ends = [pair.localCandidateId, pair.remoteCandidateId].map((id) => entries.get(id ?? ''));
    return ends.some((end) => end?.candidateType === 'relay') ? 'relayed' : 'direct';
  }

  /** How long the other side's ICE took to answer the last check; `null` where the browser does not say. */
  async roundTripMs(): Promise<Milliseconds | null> {
    const seconds = pairInUse(await this.#statistics())?.currentRoundTripTime;
    return seconds === undefined ? null : seconds * 1000;
  }

  async #statistics(): Promise<Statistics> {
    return new Map<string, CandidateStatistics>(await this._pc?.getStats());
  }

  override destroy(error?: Error): void {
    clearTimeout(this._iceCompleteTimer ?? undefined);
    // Where the browser refuses another connection, `super()` itself calls this.
    if (#quietTimer in this) clearTimeout(this.#quietTimer);
    super.destroy(error);
  }

  protected override _setupData(event: { readonly channel?: RTCDataChannel }): void {
    if (event.channel === undefined) {
      super._setupData(event);
      return;
    }
    // A peer may make as many channels as it likes; each would open the link anew, so no client of the protocol makes a second one.
    if (this._channel !== null) return this.destroy(new Error('the peer opened a second channel'));
    this._channel = event.channel;
    if (#takeChannel in this) this.#handOver(event.channel);
  }

  protected override _onIceCandidate(event: RTCPeerConnectionIceEvent): void {
    super._onIceCandidate(event);
    if (event.candidate === null || this._iceComplete) return;
    const quietMs = this.#gathering.heard(event.candidate);
    clearTimeout(this.#quietTimer);
    if (quietMs !== null) this.#quietTimer = setTimeout(() => this.#gathered(), quietMs);
  }

  /** As simple-peer does after the last candidate. */
  #gathered(): void {
    if (this._iceComplete || this.destroyed) return;
    this._iceComplete = true;
    this.emit('_iceComplete');
  }

  #handOver(channel: RTCDataChannel): void {
    if (this.#takeChannel(channel) === 'transferred') {
      this.#standIn = new StandInChannel();
      this._channel = this.#standIn;
      return;
    }
    super._setupData({ channel });
    // simple-peer would push every message into its stream, which nobody reads.
    channel.onmessage = null;
  }
}

function pairInUse(entries: Statistics): CandidateStatistics | null {
  const all = [...entries.values()];
  const chosen = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  // Firefox has no transport entry and marks the pair itself.
  return entries.get(chosen ?? '') ?? all.find(({ type, selected }) => type === 'candidate-pair' && selected === true) ?? null;
}

/** What simple-peer needs of its channel once the real one is in the Worker. It never opens, closes or fails by itself. */
class StandInChannel {
  readyState: RTCDataChannelState = 'connecting';
  readonly bufferedAmount = 0;
  /** A number, or simple-peer would start a 150 ms interval. */
  readonly bufferedAmountLowThreshold = 0;
  onmessage: null = null;
  onopen: null = null;
  onclose: null = null;
  onerror: null = null;

  close(): void {
    this.readyState = 'closed';
  }
}
