import { expect, test } from 'vitest';
import type { LinkId } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { Geometry } from '../../../torrent/geometry.ts';
import type { WireMessage } from '../../../wire/messages.ts';
import type { Effect } from '../../events.ts';
import { Bitfield } from '../../lib/bitfield.ts';
import { lonely } from '../../testing/lone-torrent.ts';

type Request = WireMessage & { type: 'request' };

const geometry = new Geometry(2 * blockBytes, [{ length: 10 * blockBytes, padding: false }]);
const [first, second, third, idle] = [1, 2, 3, 4] as [LinkId, LinkId, LinkId, LinkId];
const contested = 4;

const requestsTo = (effects: Effect[], link: LinkId): Request[] =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.link === link && effect.message.type === 'request' ? [effect.message] : [],
  );

/** A leech that four peers gave a good piece each; all of them choke it, and it lacks the contested piece alone. */
function leechOfTrustedPeers() {
  const peer = lonely();
  const give = ({ piece, begin, length }: Request, from: LinkId): Effect[] =>
    peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, from);
  const unchokedBy = (link: LinkId): Request[] => requestsTo(peer.hear({ type: 'unchoke' }, link), link);
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'metadata', geometry, infoBytes: new Uint8Array(9), have: new Bitfield(5).bytes });
  for (const [piece, link] of [first, second, third, idle].entries()) {
    peer.step({ kind: 'want', priorities: Uint8Array.from({ length: 5 }, (_, at) => Number(at === piece)) });
    peer.shakeHands('bcde'[piece], { from: link });
    peer.hear({ type: 'haveAll' }, link);
    for (const request of unchokedBy(link)) give(request, link);
    peer.step({ kind: 'verified', piece, ok: true });
    peer.hear({ type: 'choke' }, link);
  }
  peer.step({ kind: 'want', priorities: new Uint8Array(5).fill(1) });
  return { ...peer, give, unchokedBy };
}

test('what a suspect gave to a piece that others finished is requested at once from a peer that waits for work', () => {
  const peer = leechOfTrustedPeers();
  const givesHalf = ([begun, rest]: Request[], from: LinkId): void => {
    peer.give(begun!, from);
    peer.hear({ ...rest!, type: 'reject' }, from);
    peer.hear({ type: 'choke' }, from);
  };
  givesHalf(peer.unchokedBy(first), first);
  for (const request of peer.unchokedBy(second)) peer.give(request, second);
  peer.hear({ type: 'choke' }, second);
  peer.step({ kind: 'verified', piece: contested, ok: false, blockHashes: Float64Array.of(1, 2) });

  // Nobody else gives anything, so after a while a suspect has another try.
  let again = peer.unchokedBy(first);
  for (let seconds = 0; seconds < 120 && again.length < 2; seconds++) again = requestsTo(peer.pass(1000), first);
  givesHalf(again, first);
  const [rest] = peer.unchokedBy(third);
  peer.hear({ type: 'choke' }, third);
  expect(peer.unchokedBy(idle)).toEqual([]);

  expect(requestsTo(peer.give(rest!, third), idle)).toEqual([again[0]]);
});
