import { expect, test } from 'vitest';
import { TabswarmError } from '../../shared/failure.ts';
import type { CallMessage, EngineCalls, ReplyMessage, SessionCalls, TorrentCalls } from './protocol.ts';
import { answerCall, isCallMessage, runCall, type EngineReceiver, type Handlers } from './worker-server.ts';

type Served = Partial<Handlers<EngineCalls & SessionCalls>> & { readonly torrents?: Record<string, Partial<Handlers<TorrentCalls>>> };

/** Says a call to an engine of these handlers and resolves with the reply. */
function serve({ torrents = {}, ...handlers }: Served): (message: CallMessage) => Promise<ReplyMessage[]> {
  const engine = { ...handlers, session: () => handlers, torrent: (id: string) => torrents[id] } as unknown as EngineReceiver;
  return async (message) => {
    const posted: ReplyMessage[] = [];
    await answerCall(
      message,
      () => runCall(engine, message.call, message.args),
      (reply) => posted.push(reply),
    );
    return posted;
  };
}

test('each call is answered under its own number, now or later', async () => {
  const say = serve({ remove: (id) => Promise.resolve({ freedBytes: id.length }), torrents: { x: { files: () => null } } });
  expect(await say({ call: 'files', number: 7, args: ['x'] })).toEqual([{ reply: 7, value: null }]);
  expect(await say({ call: 'remove', number: 8, args: ['abc'] })).toEqual([{ reply: 8, value: { freedBytes: 3 } }]);
});

test('a call about a torrent goes straight to that torrent, which does not see its id', async () => {
  const asked: unknown[][] = [];
  const say = serve({ torrents: { b: { want: (...args) => void asked.push(args) } } });
  await say({ call: 'want', number: 1, args: ['b', [true, false]] });
  expect(asked).toEqual([[[true, false]]]);
});

test('a failure crosses as its code, a mistake of ours as torrentFailed', async () => {
  const pause = (): void => {
    throw new TabswarmError('unknownTorrent', 'x');
  };
  const say = serve({ torrents: { x: { pause, resume: () => Promise.reject(new TypeError('undefined is not an object')) } } });
  expect(await say({ call: 'pause', number: 1, args: ['x'] })).toMatchObject([
    { reply: 1, failure: { code: 'unknownTorrent', detail: 'x' } },
  ]);
  expect(await say({ call: 'resume', number: 2, args: ['x'] })).toMatchObject([{ reply: 2, failure: { code: 'torrentFailed' } }]);
});

test('a message is a call only where its name is known and its shape is right', () => {
  expect(isCallMessage({ call: 'pause', number: 1, args: ['x'] })).toBe(true);
  for (const strange of [
    {},
    { call: 'pause', number: 1 },
    { call: 'constructor', number: 1, args: [] },
    { call: 'toString', number: 1, args: [] },
    { call: 'pause', number: 'one', args: [] },
    { call: 'pause', number: 1, args: { length: 1 } },
  ]) {
    expect({ strange, isCall: isCallMessage(strange) }).toEqual({ strange, isCall: false });
  }
});

test('a call that the engine does not have fails with a code', async () => {
  expect(await serve({})({ call: 'start', number: 3, args: [] })).toMatchObject([{ reply: 3, failure: { code: 'torrentFailed' } }]);
});
