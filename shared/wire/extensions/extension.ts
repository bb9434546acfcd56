/**
 * The extended handshake of the extension protocol (BEP 10): message 20 with id 0, a bencoded dictionary in which each side says by
 * which numbers it wants to be sent which extension. https://www.bittorrent.org/beps/bep_0010.html
 * Of its members we use `m` (ut_metadata of BEP 9, lt_donthave of BEP 54, and our own ts_lanes, ts_saved, ts_delay and ts_gossip), `metadata_size` (BEP 9),
 * `reqq`, `v`, `upload_only` (BEP 21), and our own `ts_connections` and `ts_name`. Left out: `p`, `yourip`, `ipv4`, `ipv6`: addresses mean nothing over WebRTC, and none is ever
 * dialled.
 */
import type { Dictionary, Value } from '../../bencode/decode.ts';
import { type Encodable, encode } from '../../bencode/encode.ts';
import { fromUtf8 } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';
import {
  maxExtensionHandshakeBytes,
  maxExtensionNames,
  maxMetadataBytes,
  maxNameCharacters,
  maxParallelConnections,
  maxShownCharacters,
} from '../../limits.ts';
import { integerWithin, readPeerDictionary } from './peer-dictionary.ts';

/** The id of the extended handshake itself. */
export const extensionHandshakeId = 0;

/** The ids under which we want to be sent these extensions: our own choice, and WebTorrent's by chance as well. */
export const localExtensionId = { utMetadata: 1, ltDontHave: 2, connections: 3, saved: 4, delay: 5, gossip: 6 } as const;

/** What a peer has said in its extended handshakes so far. */
export interface PeerExtensions {
  /** The id under which the peer wants ut_metadata, 1–255; 0: not at all. */
  readonly utMetadata: number;
  /** The same for lt_donthave. */
  readonly ltDontHave: number;
  /** The same for ts_lanes: parallel connections (connection-signal.ts). */
  readonly connections: number;
  /** `ts_connections`: how many of them it takes on a link, at most `maxParallelConnections`, and that it knows of counts; null: not said. */
  readonly mostConnections: number | null;
  /** The same for ts_saved (receipt.ts). */
  readonly saved: number;
  /** The same for ts_delay (delay-probe.ts). */
  readonly delay: number;
  /** The same for ts_gossip (gossip.ts). */
  readonly gossip: number;
  /** Size of the info dictionary, 1 … `maxMetadataBytes`; null: not said, or not believable. */
  readonly metadataBytes: number | null;
  /** How many requests the peer queues, at least 1; null: not said. */
  readonly maxQueuedRequests: number | null;
  /** As the stranger wrote it, cut to a length that can be shown; empty: not said. */
  readonly client: string;
  /** `ts_name`: what the person calls themselves, as the stranger wrote it, cut to `maxNameCharacters`; empty: not said. */
  readonly name: string;
  /** BEP 21: the peer downloads nothing more. */
  readonly uploadOnly: boolean;
}

export const noExtensions: PeerExtensions = {
  utMetadata: 0,
  ltDontHave: 0,
  connections: 0,
  mostConnections: null,
  saved: 0,
  delay: 0,
  gossip: 0,
  metadataBytes: null,
  maxQueuedRequests: null,
  client: '',
  name: '',
  uploadOnly: false,
};

/**
 * The payload of our extended handshake.
 * @param ours `metadataBytes` null while the metadata is not known
 */
export function writeExtensionHandshake(ours: {
  readonly metadataBytes: number | null;
  readonly maxQueuedRequests: number;
  readonly client: string;
  /** What the person calls themselves; empty: nothing any more. */
  readonly name?: string;
  /** The swarm disseminates by gossip. Default: it does not, and ts_gossip is not named. */
  readonly gossip?: boolean;
}): Uint8Array<ArrayBuffer> {
  const names = new Map<string, number>([
    ['ut_metadata', localExtensionId.utMetadata],
    ['lt_donthave', localExtensionId.ltDontHave],
    ['ts_lanes', localExtensionId.connections],
    ['ts_saved', localExtensionId.saved],
    ['ts_delay', localExtensionId.delay],
  ]);
  if (ours.gossip === true) names.set('ts_gossip', localExtensionId.gossip);
  const members = new Map<string, Encodable>([
    ['m', names],
    ['reqq', ours.maxQueuedRequests],
    ['ts_connections', maxParallelConnections],
    ['v', ours.client],
  ]);
  if (ours.name !== undefined) members.set('ts_name', ours.name);
  if (ours.metadataBytes !== null) members.set('metadata_size', ours.metadataBytes);
  return encode(members);
}

/**
 * Reads a peer's extended handshake. A later one adds to the `earlier` (BEP 10): what it does not mention stays, an id of 0
 * switches an extension off. Members of the wrong type or out of range count as not mentioned.
 * @throws PeerFault `badExtension` for what is too large, no bencode or no dictionary, or names more than 32 extensions
 */
export function readExtensionHandshake(payload: Uint8Array, earlier: PeerExtensions = noExtensions): PeerExtensions {
  if (payload.length > maxExtensionHandshakeBytes) throw new PeerFault('badExtension', `${payload.length} bytes`);
  const { members, end } = readPeerDictionary(payload, 'badExtension');
  if (end !== payload.length) throw new PeerFault('badExtension', 'bytes after the dictionary');
  const names = extensionNames(members);
  const uploadOnly = integerWithin(members, 'upload_only', 0, 1);
  return {
    utMetadata: integerWithin(names, 'ut_metadata', 0, 255) ?? earlier.utMetadata,
    ltDontHave: integerWithin(names, 'lt_donthave', 0, 255) ?? earlier.ltDontHave,
    connections: integerWithin(names, 'ts_lanes', 0, 255) ?? earlier.connections,
    mostConnections: mostConnections(members) ?? earlier.mostConnections,
    saved: integerWithin(names, 'ts_saved', 0, 255) ?? earlier.saved,
    delay: integerWithin(names, 'ts_delay', 0, 255) ?? earlier.delay,
    gossip: integerWithin(names, 'ts_gossip', 0, 255) ?? earlier.gossip,
    metadataBytes: integerWithin(members, 'metadata_size', 1, maxMetadataBytes) ?? earlier.metadataBytes,
    maxQueuedRequests: integerWithin(members, 'reqq', 1, Number.MAX_SAFE_INTEGER) ?? earlier.maxQueuedRequests,
    client: textOf(members, 'v', maxShownCharacters) ?? earlier.client,
    name: textOf(members, 'ts_name', maxNameCharacters) ?? earlier.name,
    uploadOnly: uploadOnly === null ? earlier.uploadOnly : uploadOnly === 1,
  };
}

/** Cut to so many characters, never within one. */
function textOf(members: Dictionary, key: string, mostCharacters: number): string | null {
  const value = members.get(key);
  if (!(value instanceof Uint8Array)) return null;
  return Array.from(fromUtf8(value).slice(0, 2 * mostCharacters))
    .slice(0, mostCharacters)
    .join('');
}

function mostConnections(members: Dictionary): number | null {
  const said = integerWithin(members, 'ts_connections', 1, Number.MAX_SAFE_INTEGER);
  return said === null ? null : Math.min(said, maxParallelConnections);
}

function extensionNames(members: Dictionary): Dictionary {
  const names = members.get('m');
  if (!(names instanceof Map)) return new Map<string, Value>();
  if (names.size > maxExtensionNames) throw new PeerFault('badExtension', `${names.size} extensions`);
  return names;
}
