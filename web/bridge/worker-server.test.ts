import { expect, test } from 'vitest';
import { TabswarmError } from '../../shared/failure.ts';
import type { EngineCalls, RtcReport, SessionCalls, ToPage, TorrentCalls, ToWorker } from './protocol.ts';
import { EngineServer, type EngineReceiver, type Handlers } from './worker-server.ts';

class Port {
  readonly posted: ToPage[] = [];
  #listener: (event: MessageEvent<ToWorker>) => void = () => undefined;

  postMessage(message: ToPage): void {
    this.posted.push(message);
  }

  addEventListener(_type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void {
    this.#listener = listener;
  }

  /** What the page posts, and what comes back in the same turn. */
  async say(message: ToWorker): Promise<ToPage[]> {
    this.posted.length = 0;
    this.#listener(new MessageEvent('message', { data: message }));
    await new Promise((resolve) => setImmediate(resolve));
    return this.posted;
  }
}

type Served = Partial<Handlers<EngineCalls & SessionCalls>> & { readonly torrents?: Record<string, Partial<Handlers<TorrentCalls>>> };

function serve({ torrents = {}, ...handlers }: Served): { port: Port; reports: RtcReport[] } {
  const port = new Port();
  const reports: RtcReport[] = [];
  const engine = {
    ...handlers,
    session: () => handlers,
    torrent: (id: string) => torrents[id],
    report: (report: RtcReport) => reports.push(report),
  };
  new EngineServer(port, engine as unknown as EngineReceiver).listen();
  return { port, reports };
}

test('each call is answered under its own number, now or later', async () => {
  const { port } = serve({ remove: (id) => Promise.resolve({ freedBytes: id.length }), torrents: { x: { files: () => null } } });
  expect(await port.say({ call: 'files', number: 7, args: ['x'] })).toEqual([{ reply: 7, value: null }]);
  expect(await port.say({ call: 'remove', number: 8, args: ['abc'] })).toEqual([{ reply: 8, value: { freedBytes: 3 } }]);
});

test('a call about a torrent goes straight to that torrent, which does not see its id', async () => {
  const asked: unknown[][] = [];
  const { port } = serve({ torrents: { b: { want: (...args) => void asked.push(args) } } });
  await port.say({ call: 'want', number: 1, args: ['b', [true, false]] });
  expect(asked).toEqual([[[true, false]]]);
});

test('a failure crosses as its code, a mistake of ours as torrentFailed', async () => {
  const pause = (): void => {
    throw new TabswarmError('unknownTorrent', 'x');
  };
  const { port } = serve({ torrents: { x: { pause, resume: () => Promise.reject(new TypeError('undefined is not an object')) } } });
  expect(await port.say({ call: 'pause', number: 1, args: ['x'] })).toMatchObject([
    { reply: 1, failure: { code: 'unknownTorrent', detail: 'x' } },
  ]);
  expect(await port.say({ call: 'resume', number: 2, args: ['x'] })).toMatchObject([{ reply: 2, failure: { code: 'torrentFailed' } }]);
});

test('beats are answered, reports are passed on', async () => {
  const { port, reports } = serve({});
  expect(await port.say({ beat: 4 })).toEqual([{ notice: { kind: 'beat', number: 4 } }]);
  const report = { kind: 'closed', link: 1 as never, code: 'iceFailed', detail: '' } as const;
  await port.say({ rtc: report });
  expect(reports).toEqual([report]);
});
