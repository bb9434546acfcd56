/** What the connection check finds out. `null` in place of one of them: still being asked. */
export interface Facts {
  readonly page: PageFacts;
  readonly storage: StorageFacts | null;
  readonly tracker: TrackerFacts | null;
  readonly network: NetworkFacts | null;
  readonly relay: RelayFacts | null;
  readonly channel: ChannelFacts | null;
  readonly share: ShareFacts | null;
}

interface PageFacts {
  readonly secure: boolean;
  /** Where the same page is secure; `null` where that is not known. */
  readonly secureOrigin: string | null;
  /** What the browser says of its network. */
  readonly online: boolean;
}

export interface StorageFacts {
  /** Whether the browser lets the page store anything. */
  readonly works: boolean;
  /** A small write was refused for want of space. */
  readonly full: boolean;
  readonly serviceWorker: boolean;
  /** `null` where the browser does not say. */
  readonly freeBytes: number | null;
}

export interface TrackerFacts {
  readonly host: string;
  /** From a question to its answer; `null` if there was none. */
  readonly roundTripMs: number | null;
}

export interface NetworkFacts {
  /** STUN servers that were asked. */
  readonly stunServers: number;
  /** Candidates by type (RFC 8445, section 5.1.1). */
  readonly hosts: number;
  readonly reflexive: number;
  /** The router uses another port towards every server (RFC 4787, section 4.1: not endpoint-independent mapping); `null` where one server cannot tell. */
  readonly symmetric: boolean | null;
}

export interface RelayFacts {
  /** TURN servers on offer. */
  readonly offered: number;
  readonly answers: boolean;
  /** The person allows connections through a relay only. */
  readonly only: boolean;
}

export interface ChannelFacts {
  /** Between two ends in this page; `null` if they did not reach each other. */
  readonly bytesPerSecond: number | null;
}

export interface ShareFacts {
  readonly mine: boolean;
  readonly paused: boolean;
  /** It stopped, because storage was full. */
  readonly noRoom: boolean;
  /** As trackers count them, without us; `null` before the first answer. */
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly connecting: number;
  readonly connected: number;
  readonly relayed: number;
  /** What is missing and nobody connected has. */
  readonly unavailableBytes: number;
}
