import type { Milliseconds } from '../ids.ts';
import { blockBytes, maxQueuedRequests } from '../limits.ts';

/** Every number of a policy, with its reason. A simulation may change any; the browser runs the defaults. */
export interface SwarmConfig {
  /** How often time-outs, rates and choke rounds are checked. One second is the finest that any of them needs. */
  readonly tickMs: number;
  /** WebTorrent 3 gives a connection 25 s and a handshake another 25 s. */
  readonly handshakeTimeoutMs: number;
  /** BEP 3: peers drop a connection silent for two minutes; half of it leaves room for a lost second. */
  readonly keepAliveMs: number;
  readonly inactiveMs: number;
  /** A longer gap between ticks means that the machine slept: rates and time-outs restart, nobody is blamed. */
  readonly clockGapMs: number;

  /** The first pieces are random: a rare one would come slowly, and there is nothing to trade yet (BEP 3, Cohen 2003). */
  readonly randomFirstPieces: number;
  /** Pieces that lie together are read and stored together: so far the engine reads ahead (`FileReads`). */
  readonly extentBytes: number;
  /** The same with a few sources: one read of a seed (`FileReads`), or it would read up to sixteen times what it sends. */
  readonly shortExtentBytes: number;
  /** More sources than this are a crowd, in which pieces had better differ; and so they had where a source is slow. */
  readonly fewSources: number;
  /** Memory for pieces in the making; at least four pieces are always allowed. */
  readonly assemblyBytes: number;

  /** Which begun pieces a peer goes on with (download/piece-policy.ts): those of anybody, or its own first. */
  readonly piecePolicy: 'finish-begun' | 'finish-own';

  /** Which piece is begun next (download/pick/piece-order.ts): the rarest, any, or in the order of the file, exactly or within a window. */
  readonly pieceOrder: 'rarest' | 'random' | 'sequential' | 'windowed';
  /** `windowed`: the rarest of so many missing pieces. */
  readonly windowPieces: number;

  /**
   * How pieces spread. `bittorrent`: each peer requests what it lacks. `push`: who has a piece sends it unasked to whoever welcomes it (gossip/);
   * the rest is requested when pushes end. `push-pull`: both at once. `pull` is `bittorrent` with the settings of an earlier gossip system:
   * random pieces, a few at a time, and everybody is served (strategy/settings.ts).
   */
  readonly dissemination: 'bittorrent' | 'push' | 'pull' | 'push-pull';

  /** How much is asked of whom (strategy/asking.ts): of each what it takes, or little of those that are slow or unstable. */
  readonly asking: 'greedy' | 'scored';

  /** Requests in flight a peer: at the start, at least, at most. 512 blocks are 8 MiB, a third of a second at the channel's limit of 25 MB/s. */
  readonly firstWindowBlocks: number;
  readonly leastWindowBlocks: number;
  readonly mostWindowBlocks: number;
  /** Requests in flight for each of several connections, at least: what its queue holds. */
  readonly connectionBlocks: number;
  /** The same on a far path, where more of them wait for a loss to be made good. */
  readonly farConnectionBlocks: number;
  /** … and as soon as they are open so many: one channel message. */
  readonly messageBlocks: number;
  /** A pipeline of four times this many and more is refilled by so many requests at once. */
  readonly refillBlocks: number;
  /** The pipeline holds rate × (round trip + this), with many sources less of it, at least so much. */
  readonly pipelineMs: Milliseconds;
  readonly leastPipelineMs: Milliseconds;
  /** Over several connections it is this: what overflows a home's queue comes twice. */
  readonly connectionsPipelineMs: Milliseconds;
  /** Below this round trip a connection is limited by the processor, not by a line: loopback, local networks. */
  readonly nearMs: Milliseconds;
  /** From this round trip on a path is far: its connections need long to recover from a loss. */
  readonly farMs: Milliseconds;
  /** How long slow start may grow the window before the measured rate bounds it; further connections begin it anew. */
  readonly slowStartMs: number;
  /** Over several connections only with blocks that took no more than this longer than the path does, … */
  readonly slowStartQueueMs: Milliseconds;
  /** … and afterwards by so much with each block: an eighth in a round trip. */
  readonly gentleGrowth: number;
  /** A peer that owes us blocks and sends none for so long is snubbed: its blocks go to others, one request stays as a probe. */
  readonly snubMs: number;
  /** A single request is given up when blocks asked after it came and it is this late (WebTorrent silently drops requests for pieces it lacks). */
  readonly requestTimeoutMs: number;

  /** Pieces that may come before all others; looked through for every request. 30 s of video are fewer unless pieces are tiny. */
  readonly mostDeadlines: number;

  /** End game: a block is asked of so many peers at most. */
  readonly endGameCopies: number;
  /** … and only of a peer that should have it in this share of the time the other will take. */
  readonly endGameGain: number;
  /** … and by no less than this: a duplicate that saves a moment is waste. */
  readonly endGameGainMs: Milliseconds;

  /** Who is served, and for how long (upload/). `tit-for-tat`: the best ones for rounds; `turns`: one whole piece each, by lot. */
  readonly slotPolicy: 'tit-for-tat' | 'turns';
  /** What a complete peer suggests (upload/). `plain`: nothing; `suggest`: pieces that nobody was given yet. */
  readonly seedPolicy: 'plain' | 'suggest';
  /** How long a seed that suggests holds back second copies that a peer asks for, while first ones wait in other queues, … */
  readonly holdBackMs: Milliseconds;
  /** … and how long after that began it may do so again. */
  readonly holdBackEveryMs: Milliseconds;
  /** A turn is a piece, at least so many bytes, … */
  readonly leastTurnBytes: number;
  /** … and no longer than this: pieces may be large and peers slow. */
  readonly longestTurnMs: Milliseconds;
  /** A turn ends after so long without a request, if others wait. */
  readonly idleTurnMs: Milliseconds;
  /** Turns at once that have requests to serve, and turns at once with those that have not begun to ask. */
  readonly uploads: number;
  readonly mostUploads: number;
  /** With so many links turns follow each other (upload/order/turn-order.ts): somebody always asks, and waits for pieces to pass on. … */
  readonly crowdLinks: number;
  /** … Then so many at once fill the uplink. */
  readonly serialUploads: number;

  /** Tit for tat: how long a slot is held at least, how many there are, … */
  readonly chokeRoundMs: number;
  /** … who comes first (strategy/peer-rank.ts): by what it gives, by how many of the rarest pieces it has, by how soon and surely it answers,
   * or by what it gives times that; … */
  readonly peerRank: 'rate' | 'rarity' | 'latency' | 'hybrid';
  readonly uploadSlots: number;
  /** At least a fifth of the slots find better partners and feed newcomers. */
  readonly optimisticSlots: number;
  readonly optimisticMs: number;
  /** A seed's slot goes to the next in the round after both (libtorrent's seeding_piece_quota and its minimum time). */
  readonly seedQuotaPieces: number;
  readonly seedQuotaMs: number;
  /** A seed's slot goes on after this time whatever its holder took: a peer that asks for single bytes never reaches the quota. */
  readonly mostSeedTurnMs: number;
  /**
   * A peer that requests nothing for so long gives its slot to one that waits: a request follows an UNCHOKE within a round trip.
   * Five seconds cost contributors more than free riders (1.09 × instead of 1.28 × for riders in the worst of eight runs). */
  readonly idleSlotMs: Milliseconds;

  /**
   * What is handed to the host but not yet on the network, a link: what it takes in this time, within these bounds. More makes CANCEL
   * useless, less starves the channel.
   */
  readonly uploadAheadMs: Milliseconds;
  /** The same over several connections, which hold half a megabyte besides: a block that waits on one of them keeps its piece from being whole. */
  readonly connectionsAheadMs: Milliseconds;
  readonly leastUploadAheadBytes: number;
  readonly uploadAheadBytes: number;
  /** Storage and files are read in records of this size. */
  readonly recordBytes: number;
  /** What the host may hold to read blocks, for one link and for all: 32 kB of one-byte requests took 2.6 GB without a bound. */
  readonly linkReadBytes: number;
  readonly readBytes: number;
  /** What we take from one peer, and what we say in `reqq`. */
  readonly maxQueuedRequests: number;
  /**
   * What the messages of one peer may cost a second (message-budget.ts). 25 MB/s in WebTorrent's chunks, a header and a block each, cost
   * 14,000; one percent of a core.
   */
  readonly costPerSecond: number;
  /** … and at once: under 50 ms of work, five seconds' worth. */
  readonly costBurst: number;

  /** A second fetch from another peer starts when a metadata piece is this late. */
  readonly metadataTimeoutMs: number;
  /** Fetches from web seeds at once: the next one is on its way while one is received. */
  readonly webSeedFetches: number;
  /** How long we wait before we ask a web seed where no peer is known: a first announce may take so long. */
  readonly webSeedAloneMs: Milliseconds;
  /** The same where peers are known: a connection takes a few seconds, a dead one is given up after 25. */
  readonly webSeedExpectedMs: Milliseconds;
  /** With so many peers {@link webSeedAloneMs} are waited for the others: those that come later find shares of the work taken, not done twice. */
  readonly webSeedCompany: number;
  /** After our own share is done we wait so long before fetching a piece assigned to another peer. */
  readonly webSeedShareMs: Milliseconds;
  /** A web seed helps a swarm that gives less than these bytes in this time: 16 KiB/s, at which a minute of music takes a minute. */
  readonly webSeedSlowMs: Milliseconds;
  readonly webSeedSlowBytes: number;
  /** Links between two complete peers that stay open: they show a sender who else has everything. Further ones are closed to free their connections. */
  readonly seedLinksKept: number;
  /** So many protocol faults ban a peer for the session; one corrupt piece that came whole from it does at once. */
  readonly faultsToBan: number;
}

export const defaultConfig: SwarmConfig = {
  tickMs: 1000,
  handshakeTimeoutMs: 25_000,
  keepAliveMs: 60_000,
  inactiveMs: 180_000,
  clockGapMs: 30_000,
  randomFirstPieces: 4,
  extentBytes: 4 * 1024 * 1024,
  shortExtentBytes: 1024 * 1024,
  fewSources: 4,
  assemblyBytes: 48 * 1024 * 1024,
  piecePolicy: 'finish-own',
  pieceOrder: 'rarest',
  windowPieces: 32,
  dissemination: 'bittorrent',
  asking: 'greedy',
  firstWindowBlocks: 16,
  leastWindowBlocks: 2,
  mostWindowBlocks: 512,
  connectionBlocks: 8,
  farConnectionBlocks: 12,
  messageBlocks: 4,
  refillBlocks: 32,
  pipelineMs: 1000,
  leastPipelineMs: 350,
  connectionsPipelineMs: 200,
  nearMs: 15,
  farMs: 80,
  slowStartMs: 3000,
  slowStartQueueMs: 60,
  gentleGrowth: 1 / 8,
  snubMs: 20_000,
  requestTimeoutMs: 15_000,
  mostDeadlines: 256,
  endGameCopies: 2,
  endGameGain: 0.5,
  endGameGainMs: 1500,
  slotPolicy: 'turns',
  seedPolicy: 'suggest',
  holdBackMs: 1000,
  holdBackEveryMs: 10_000,
  leastTurnBytes: 256 * 1024,
  longestTurnMs: 20_000,
  idleTurnMs: 2000,
  uploads: 4,
  mostUploads: 32,
  crowdLinks: 12,
  serialUploads: 3,
  chokeRoundMs: 10_000,
  peerRank: 'rate',
  uploadSlots: 10,
  optimisticSlots: 2,
  optimisticMs: 30_000,
  seedQuotaPieces: 20,
  seedQuotaMs: 60_000,
  mostSeedTurnMs: 180_000,
  idleSlotMs: 8000,
  uploadAheadMs: 500,
  connectionsAheadMs: 150,
  leastUploadAheadBytes: 4 * blockBytes,
  uploadAheadBytes: 64 * blockBytes,
  recordBytes: 1024 * 1024,
  linkReadBytes: 4 * 1024 * 1024,
  readBytes: 32 * 1024 * 1024,
  maxQueuedRequests,
  costPerSecond: 40_000,
  costBurst: 200_000,
  metadataTimeoutMs: 5000,
  webSeedFetches: 2,
  webSeedAloneMs: 3000,
  webSeedExpectedMs: 10_000,
  webSeedCompany: 4,
  webSeedShareMs: 3000,
  webSeedSlowMs: 10_000,
  webSeedSlowBytes: 160 * 1024,
  seedLinksKept: 8,
  faultsToBan: 3,
};
