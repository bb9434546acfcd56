import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { writeDontHave } from '../../wire/extensions/dont-have.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { infoBytes, lonely, requestsIn } from '../testing/lone-torrent.ts';

/** One piece, four times as long as the first requests. */
const geometry = new Geometry(64 * blockBytes, [{ length: 64 * blockBytes, padding: false }]);

const dontHave: WireMessage = { type: 'extended', id: localExtensionId.ltDontHave, payload: writeDontHave(0) };
const haveNothing: WireMessage = { type: 'bitfield', bits: new Bitfield(1).bytes };

test.each([
  ['lt_donthave', dontHave],
  ['a late bitfield', haveNothing],
])('a piece that one peer alone may give is free for others when it takes back that it has it: %s', (_, takesBack) => {
  const { step, hear, shakeHands, pass } = lonely();
  step({ kind: 'resume' });
  step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(1).bytes });
  step({ kind: 'want', priorities: Uint8Array.of(1) });
  shakeHands();
  hear({ type: 'have', piece: 0 });
  const asked = requestsIn(hear({ type: 'unchoke' }));
  hear(takesBack);
  // It gives what was asked before, so it rejects nothing and is late with nothing.
  for (const { piece, begin, length } of asked) hear({ type: 'piece', piece, begin, block: new Uint8Array(length) });
  const other = 2 as LinkId;
  shakeHands('c', { from: other });
  hear({ type: 'haveAll' }, other);
  expect(asked).toHaveLength(16);
  expect(requestsIn([...hear({ type: 'unchoke' }, other), ...pass(60_000)]).length).toBeGreaterThan(0);
});
