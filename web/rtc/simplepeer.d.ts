/** The part of simple-peer that `simple-peer-link.ts` uses, its undocumented members included. */
declare module 'simple-peer' {
  interface Options {
    readonly initiator: boolean;
    readonly trickle: boolean;
    readonly iceCompleteTimeout: number;
    readonly channelConfig: RTCDataChannelInit;
    readonly config: RTCConfiguration;
  }

  interface PeerEvents {
    signal: (signal: { readonly type: string; readonly sdp?: string }) => void;
    iceStateChange: (connection: RTCIceConnectionState, gathering: RTCIceGatheringState) => void;
    error: (error: Error & { readonly code?: string }) => void;
    close: () => void;
  }

  export default class Peer {
    constructor(options: Options);
    on<Name extends keyof PeerEvents>(name: Name, listener: PeerEvents[Name]): this;
    emit(name: '_iceComplete'): void;
    signal(signal: { readonly type: 'offer' | 'answer'; readonly sdp: string }): void;
    destroy(error?: Error): void;
    readonly connected: boolean;
    readonly destroyed: boolean;
    protected readonly _pc: RTCPeerConnection | null;
    /** The channel or its stand-in. */
    protected _channel: unknown;
    protected _iceComplete: boolean;
    protected _iceCompleteTimer: number | null;
    protected _setupData(event: { readonly channel?: RTCDataChannel }): void;
    protected _startIceCompleteTimeout(): void;
    protected _onIceCandidate(event: RTCPeerConnectionIceEvent): void;
    protected _onChannelOpen(): void;
  }
}
