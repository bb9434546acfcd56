import { fromBinaryString, toHex } from '../../shared/bytes.ts';
import type { InfoHash } from '../../shared/ids.ts';
import type { Peer, Swarm } from '../swarms/swarm.ts';

/** One row of the monitor: a peer of a share. It does not contain the peer's address. */
interface PeerRow {
  /** Peer id, hex. */
  readonly peer: string;
  readonly role: 'seed' | 'leech';
  /**
   * Of the share's bytes, 0–100; `null` while the peer does not know its size. The tracker knows what is left, not how large a share is, so
   * it takes the most that any peer ever had left as the size: too small if every peer came with a part already, never too large.
   */
  readonly percent: number | null;
}

export interface ShareRows {
  /** Info hash, hex. */
  readonly share: string;
  /** As its publisher listed it publicly; `null` for all others, whose names the tracker does not know. */
  readonly name: string | null;
  readonly seeds: number;
  readonly leeches: number;
  /** Seeds first; limited to the number asked for. */
  readonly peers: readonly PeerRow[];
}

/** The name under which an info hash is publicly listed. */
export type NameOf = (infoHash: InfoHash) => string | null;

/** The shares with the most peers first, older ones first among equals: at most `shares` with at most `peers` each. */
export function monitorRows(swarms: Iterable<Swarm>, shares: number, peers: number, nameOf: NameOf): ShareRows[] {
  const largest: Swarm[] = [];
  for (const swarm of swarms) {
    const smallest = largest.at(-1);
    if (smallest !== undefined && largest.length === shares && sizeOf(swarm) <= sizeOf(smallest)) continue;
    const place = largest.findLastIndex((other) => sizeOf(other) >= sizeOf(swarm)) + 1;
    largest.splice(place, 0, swarm);
    if (largest.length > shares) largest.pop();
  }
  return largest.map((swarm) => shareRows(swarm, peers, nameOf));
}

function sizeOf(swarm: Swarm): number {
  return swarm.byId.size;
}

function shareRows(swarm: Swarm, atMost: number, nameOf: NameOf): ShareRows {
  const share = hexOf(swarm.key) as InfoHash;
  const shown = [...swarm.seeds.slice(0, atMost), ...swarm.leeches.slice(0, Math.max(0, atMost - swarm.seeds.length))];
  return {
    share,
    name: nameOf(share),
    seeds: swarm.seeds.length,
    leeches: swarm.leeches.length,
    peers: shown.map((peer) => ({ peer: hexOf(peer.peerId), role: peer.seed ? 'seed' : 'leech', percent: percentOf(swarm, peer) })),
  };
}

function percentOf(swarm: Swarm, { seed, leftBytes }: Peer): number | null {
  if (seed) return 100;
  if (leftBytes === null || swarm.sizeBytes === 0) return null;
  return Math.floor(100 * (1 - leftBytes / swarm.sizeBytes));
}

function hexOf(binary: string): string {
  return toHex(fromBinaryString(binary));
}
