import { expect, test } from 'vitest';
import { fromHex } from '../../bytes.ts';
import type { InfoHash, LinkId, PeerId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import type { Effect } from '../events.ts';
import { Torrent } from '../torrent.ts';

const infoHash = 'a'.repeat(40) as InfoHash;
const theirSavedId = 7;
const knowsTheWord = new TextEncoder().encode(`d1:md8:ts_savedi${theirSavedId}eee`);
const knowsNothing = new TextEncoder().encode('d1:mdee');

function torrent() {
  const own = new Torrent({ infoHash, peerId: '2d'.repeat(20) as PeerId }, seededRandom(1));
  const step = (event: Parameters<Torrent['step']>[1]): Effect[] => {
    const out: Effect[] = [];
    own.step(0, event, out);
    return out;
  };
  const meet = (link: number, id: string, extensions: Uint8Array): Effect[] => {
    step({ kind: 'linkOpened', link: link as LinkId, initiator: true });
    const peerId = id.repeat(40) as PeerId;
    step({ kind: 'messages', link: link as LinkId, messages: [{ type: 'handshake', infoHash, peerId, fast: true, extended: true }] });
    return step({ kind: 'messages', link: link as LinkId, messages: [{ type: 'extended', id: 0, payload: extensions }] });
  };
  const hearSaved = (link: number, receipt: string): Effect[] =>
    step({
      kind: 'messages',
      link: link as LinkId,
      messages: [{ type: 'extended', id: localExtensionId.saved, payload: fromHex(receipt) }],
    });
  step({ kind: 'resume' });
  return { own, step, meet, hearSaved };
}

const savedTo = (effects: readonly Effect[]): number[] =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.type === 'extended' && effect.message.id === theirSavedId ? [effect.link] : [],
  );

test('after saving, every peer that knows the extension is told once, also those that connect later', () => {
  const { step, meet } = torrent();
  expect(savedTo(meet(1, 'b', knowsTheWord))).toEqual([]);
  meet(2, 'c', knowsNothing);
  expect(savedTo(step({ kind: 'saved', receipt: '01'.repeat(8) }))).toEqual([1]);
  expect(savedTo(step({ kind: 'saved', receipt: '01'.repeat(8) }))).toEqual([]);
  expect(savedTo(meet(3, 'd', knowsTheWord))).toEqual([3]);
  expect(savedTo(step({ kind: 'messages', link: 3 as LinkId, messages: [{ type: 'extended', id: 0, payload: knowsTheWord }] }))).toEqual(
    [],
  );
});

test('one receipt per link is passed on, and its peer counts as having saved', () => {
  const { own, meet, hearSaved } = torrent();
  meet(1, 'b', knowsTheWord);
  meet(2, 'c', knowsTheWord);
  const receipt = '0b'.repeat(8);
  expect(hearSaved(1, receipt)).toEqual([{ kind: 'receipt', receipt }]);
  expect(hearSaved(1, '0c'.repeat(8))).toEqual([]);
  expect(own.status().peers.map(({ saved }) => saved)).toEqual([true, false]);
});

test('an invalid receipt closes the link', () => {
  const { meet, hearSaved } = torrent();
  meet(1, 'b', knowsTheWord);
  expect(hearSaved(1, '0b'.repeat(7))).toMatchObject([{ kind: 'close', link: 1, code: 'badLength' }]);
});
