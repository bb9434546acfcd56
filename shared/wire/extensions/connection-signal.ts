/**
 * `ts_lanes`, an extension of ours (BEP 10): two peers that both name it may carry one conversation over several WebRTC connections,
 * its lanes. The first one is the link itself; for each further one the side that offered the link sends an offer over it, and gets the
 * answer the same way, so that no tracker has a part in it. A further lane carries whole `piece` messages and nothing else, of either side.
 */
import { encode } from '../../bencode/encode.ts';
import { fromUtf8 } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';
import { maxLanes, maxSdpCharacters } from '../../limits.ts';
import { integerWithin, readPeerDictionary } from './peer-dictionary.ts';

/** A description of one further lane, 1 … `maxLanes` − 1. */
export interface LaneSignal {
  readonly lane: number;
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

const answerFlag = { offer: 0, answer: 1 } as const;

export function writeLaneSignal({ lane, type, sdp }: LaneSignal): Uint8Array<ArrayBuffer> {
  return encode(
    new Map<string, number | string>([
      ['answer', answerFlag[type]],
      ['lane', lane],
      ['sdp', sdp],
    ]),
  );
}

/** @throws PeerFault `badExtension` */
export function readLaneSignal(payload: Uint8Array): LaneSignal {
  const { members } = readPeerDictionary(payload, 'badExtension');
  const lane = integerWithin(members, 'lane', 1, maxLanes - 1);
  const answer = integerWithin(members, 'answer', 0, 1);
  const sdp = members.get('sdp');
  if (lane === null || answer === null || !(sdp instanceof Uint8Array) || sdp.length === 0 || sdp.length > maxSdpCharacters)
    throw new PeerFault('badExtension', 'no signal of a lane');
  return { lane, type: answer === answerFlag.answer ? 'answer' : 'offer', sdp: fromUtf8(sdp) };
}
