import { expect, test } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import type { Notice } from '../../bridge/protocol.ts';
import { HeldFiles } from './held-files.ts';
import { Session, type SessionOptions } from './session.ts';

/** A session without torrents, and what it tells the tabs. */
function emptySession() {
  const notices: Notice[] = [];
  const held = new HeldFiles();
  const publisher = { notify: (notice: Notice) => void notices.push(notice) };
  const options = { held, publisher, storageReport: { touched: () => undefined }, ownTrackers: () => [] };
  return { session: new Session(options as unknown as SessionOptions), notices, held };
}

const link = `magnet:?xt=urn:btih:${'ab'.repeat(20) as InfoHash}`;

test('what was removed is not opened again by a tab that found the new leader late; that tab is told', async () => {
  const { session, notices, held } = emptySession();
  // The link was in the memory of a tab that is gone: the leader never had it.
  expect(await session.remove('t1')).toEqual({ freedBytes: 0 });
  held.adopt('t1', { name: 'late', keepCopy: 'no', files: [] });
  notices.length = 0;
  expect(await session.addMagnet(link, { autostart: 'yes', id: 't1' })).toEqual({ id: 't1' });
  expect(session.publish('late', 'batch', { keepCopy: 'no', id: 't1' })).toEqual({ id: 't1' });
  expect(session.ids()).toEqual([]);
  expect(held.ids).toEqual([]);
  expect(notices).toEqual([
    { kind: 'removed', id: 't1' },
    { kind: 'removed', id: 't1' },
  ]);
});

test('removing a second time, in another tab or because the reply was lost, is no failure', async () => {
  const { session } = emptySession();
  expect([await session.remove('t1'), await session.remove('t1')]).toEqual([{ freedBytes: 0 }, { freedBytes: 0 }]);
});
