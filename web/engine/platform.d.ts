/** The WebWorker library has no RTCPeerConnection and so not its configuration either; the border carries it past the Worker all the same. */
interface RTCIceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
}
