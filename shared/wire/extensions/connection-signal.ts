/**
 * Parallel connections, an extension of ours (BEP 10): two peers that both name it may carry one conversation over several WebRTC
 * connections. The first one is the link itself. For each further one the side that offered the link sends an offer over the link and
 * gets the answer the same way, so no tracker takes part. A further connection carries whole `piece` messages of either side, nothing else.
 * Who receives knows what more connections bring, and says by a count how many of them the sender should have and use.
 *
 * On the wire the extension is called `ts_lanes` and the connection's number `lane`: peers in the field know it by these names.
 */
import type { Dictionary } from '../../bencode/decode.ts';
import { encode } from '../../bencode/encode.ts';
import { fromUtf8 } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';
import { maxParallelConnections, maxSdpCharacters } from '../../limits.ts';
import { integerWithin, readPeerDictionary } from './peer-dictionary.ts';

/** The session description of one further connection. Its number is 1 … `maxParallelConnections` − 1. */
export interface ConnectionSignal {
  readonly connection: number;
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

const answerFlag = { offer: 0, answer: 1 } as const;

export function writeConnectionSignal({ connection, type, sdp }: ConnectionSignal): Uint8Array<ArrayBuffer> {
  return encode(
    new Map<string, number | string>([
      ['answer', answerFlag[type]],
      ['lane', connection],
      ['sdp', sdp],
    ]),
  );
}

/** How many connections, the link itself among them, the peer should use to send to us: 1 … `maxParallelConnections`. */
export interface ConnectionCount {
  readonly type: 'count';
  readonly count: number;
}

export function writeConnectionCount(count: number): Uint8Array<ArrayBuffer> {
  return encode(new Map([['count', count]]));
}

/** @throws PeerFault `badExtension` */
export function readConnectionMessage(payload: Uint8Array): ConnectionSignal | ConnectionCount {
  const { members } = readPeerDictionary(payload, 'badExtension');
  if (members.has('count')) return readCount(members);
  const connection = integerWithin(members, 'lane', 1, maxParallelConnections - 1);
  const answer = integerWithin(members, 'answer', 0, 1);
  const sdp = members.get('sdp');
  if (connection === null || answer === null || !(sdp instanceof Uint8Array) || sdp.length === 0 || sdp.length > maxSdpCharacters)
    throw new PeerFault('badExtension', 'no connection signal');
  return { connection, type: answer === answerFlag.answer ? 'answer' : 'offer', sdp: fromUtf8(sdp) };
}

function readCount(members: Dictionary): ConnectionCount {
  const count = integerWithin(members, 'count', 1, maxParallelConnections);
  if (count === null) throw new PeerFault('badExtension', 'no count of connections');
  return { type: 'count', count };
}
