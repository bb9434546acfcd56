import { everyTab, type Freezing } from '../../bridge/other-tabs.ts';
import type { CallMessage, Notice, ReplyMessage } from '../../bridge/protocol.ts';
import { isCallMessage } from '../../bridge/worker-server.ts';
import type { HeldShare } from '../session/held-files.ts';

/**
 * What the tabs of one browser say to each other, from Worker to Worker. Only this origin hears a BroadcastChannel, but a tab may run an
 * older or newer version of the app: every message is checked for its shape before it is used.
 */

/** Heard by two tabs only: the leader and one follower. */
export function pairChannel(leader: string, follower: string): string {
  return `${everyTab}-${leader}-${follower}`;
}

/** Held as long as the tab lives: whoever waits for this lock learns when it is gone. */
export function presenceLock(tab: string): string {
  return `tabswarm-tab-${tab}`;
}

/** Who speaks, from which build, and since when (milliseconds since the epoch). */
export interface TabName {
  readonly tab: string;
  readonly version: string;
  readonly since: number;
}

export type TabWord =
  /** A follower looks for the leader; `leader` once it knows it: it listens on their channel. */
  | (TabName & { readonly kind: 'hello'; readonly leader: string | null })
  /** Said by the leader when it begins, and to each `hello` that does not name it. */
  | (TabName & { readonly kind: 'lead' })
  | Freezing;

/** A message of a MessagePort that cannot cross a BroadcastChannel: it is relayed under a number. */
export type PortMessage = { readonly port: number; readonly data: unknown } | { readonly port: number; readonly closed: true };

/** Some of the files of a share. `first` and `last`: of its parts. */
export interface HeldPart {
  readonly held: string;
  readonly share: HeldShare;
  readonly first: boolean;
  readonly last: boolean;
}

export type ToLeader =
  | CallMessage
  | PortMessage
  | { readonly beat: number }
  /** The files of this share are held here, too. */
  | { readonly holds: string };

export type ToFollower =
  | ReplyMessage
  | PortMessage
  | HeldPart
  | { readonly notice: Notice }
  /** First message: the torrents there are, and the shares whose files the leader holds. */
  | { readonly welcome: { readonly ids: readonly string[]; readonly held: readonly string[] } };

export function readTabWord(message: unknown): TabWord | null {
  if (!isObject(message) || !isTab(message['tab'])) return null;
  if (message['kind'] === 'freezing') return message as unknown as TabWord;
  if (message['kind'] !== 'hello' && message['kind'] !== 'lead') return null;
  if (typeof message['version'] !== 'string' || typeof message['since'] !== 'number') return null;
  if (message['kind'] === 'hello' && message['leader'] !== null && !isTab(message['leader'])) return null;
  return message as unknown as TabWord;
}

export function readToLeader(message: unknown): ToLeader | null {
  if (!isObject(message)) return null;
  const isOurs = isCallMessage(message) || isPortMessage(message) || Number.isInteger(message['beat']) || isTab(message['holds']);
  return isOurs ? (message as ToLeader) : null;
}

export function readToFollower(message: unknown): ToFollower | null {
  if (!isObject(message)) return null;
  const { reply, notice, welcome } = message;
  const isOurs =
    isPortMessage(message) ||
    isHeldPart(message) ||
    (Number.isInteger(reply) && ('value' in message || isFailure(message['failure']))) ||
    (isObject(notice) && isNotice(notice)) ||
    (isObject(welcome) && areIds(welcome['ids']) && areIds(welcome['held']));
  return isOurs ? (message as ToFollower) : null;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** Ids of tabs and torrents are short words of our own making. */
function isTab(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value);
}

function areIds(value: unknown): boolean {
  return Array.isArray(value) && value.every(isTab);
}

function isFailure(value: unknown): boolean {
  return isObject(value) && typeof value['code'] === 'string';
}

function isPortMessage(message: Fields): boolean {
  return Number.isInteger(message['port']) && ('data' in message || message['closed'] === true);
}

function isNotice(notice: Fields): boolean {
  switch (notice['kind']) {
    case 'snapshots':
      return Array.isArray(notice['torrents']) && notice['torrents'].every((torrent) => isObject(torrent) && isTab(torrent['id']));
    case 'removed':
      return isTab(notice['id']);
    case 'failure':
      return isFailure(notice['failure']);
    case 'storage':
    case 'beat':
      return true;
    default:
      return false;
  }
}

function isHeldPart(message: Fields): boolean {
  const { held, share } = message;
  if (!isTab(held) || !isObject(share) || typeof share['name'] !== 'string' || !Array.isArray(share['files'])) return false;
  return ['auto', 'yes', 'no'].includes(String(share['keepCopy'])) && share['files'].every(isChosenFile);
}

function isChosenFile(item: unknown): boolean {
  if (!isObject(item) || !(item['file'] instanceof Blob)) return false;
  const { path } = item;
  return Array.isArray(path) && path.length > 0 && path.every((part) => typeof part === 'string');
}
