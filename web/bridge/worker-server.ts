import { failureOf, TabswarmError } from '../../shared/failure.ts';
import type { CallMessage, EngineCalls, ReplyMessage, SessionCalls, TabCalls, TorrentCalls } from './protocol.ts';

/** One handler a call, answering now or later. */
export type Handlers<Some> = {
  readonly [Name in keyof Some]: Some[Name] extends (...args: infer Args) => infer Reply
    ? (...args: Args) => Reply | Promise<Reply>
    : never;
};

/** The engine as one page sees it: who answers which calls. */
export interface EngineReceiver extends Handlers<EngineCalls> {
  session(): Handlers<SessionCalls> & Handlers<Pick<TabCalls, 'handFiles'>>;
  /** @throws TabswarmError `unknownTorrent` */
  torrent(id: string): Handlers<TorrentCalls>;
}

const tabCalls: Readonly<Record<keyof TabCalls, true>> = { start: true, handFiles: true };

const engineCalls: Readonly<Record<keyof EngineCalls, true>> = {
  watch: true,
  usePreferences: true,
  useTrackers: true,

  visible: true,
  suspect: true,
};

const sessionCalls: Readonly<Record<keyof SessionCalls, true>> = {
  publish: true,
  addMagnet: true,
  addTorrentFile: true,
  rename: true,
  remove: true,
  reconnectFiles: true,
  reuseFiles: true,
  online: true,
};

const torrentCalls: Readonly<Record<keyof TorrentCalls, true>> = {
  want: true,
  files: true,
  torrentFile: true,
  pause: true,
  resume: true,
  limit: true,
  pieceStates: true,
  save: true,
  stream: true,
  downloadTo: true,
  saved: true,
  check: true,
  fileHandles: true,
  reopenFiles: true,
};

/** Whether this is a call of ours, well formed: another tab may run another version. The arguments are the caller's word. */
export function isCallMessage(message: object): message is CallMessage {
  if (!('call' in message && 'number' in message && 'args' in message)) return false;
  const { call, number, args } = message;
  const isKnown = [tabCalls, engineCalls, sessionCalls, torrentCalls].some((calls) => Object.hasOwn(calls, String(call)));
  return isKnown && Number.isInteger(number) && Array.isArray(args);
}

/** Answers a call where it belongs: in the engine, in the session, or in the torrent whose id comes first. */
export function runCall(engine: EngineReceiver, call: string, args: readonly unknown[]): unknown {
  if (Object.hasOwn(torrentCalls, call)) return invoke(engine.torrent(String(args[0])), call, args.slice(1));
  if (Object.hasOwn(engineCalls, call)) return invoke(engine, call, args);
  return invoke(engine.session(), call, args);
}

/** The border is typed at its other end (`EngineClient.call`); here the arguments of all calls meet in one envelope. */
function invoke(receiver: object, call: string, args: readonly unknown[]): unknown {
  const handler = (receiver as Record<string, ((...args: readonly unknown[]) => unknown) | undefined>)[call];
  if (handler === undefined) throw new TabswarmError('torrentFailed', `no answer to ${call}`);
  return handler.apply(receiver, [...args]);
}

/** Runs a call and posts its reply. A handler that throws or rejects becomes a failure with a code, never a silent call. */
export async function answerCall({ number }: CallMessage, run: () => unknown, post: (message: ReplyMessage) => void): Promise<void> {
  try {
    post({ reply: number, value: await run() });
  } catch (error) {
    post({ reply: number, failure: failureOf(error, 'torrentFailed') });
  }
}
