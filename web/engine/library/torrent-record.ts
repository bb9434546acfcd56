import { toHex } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { SpeedLimits } from '../../bridge/preferences.ts';
import type { Autostart } from '../../bridge/protocol.ts';
import { encodeTorrent } from '../../../shared/torrent/create.ts';
import { writeMagnet } from '../../../shared/torrent/magnet/magnet.ts';

/** More receipts are not counted, so that strangers cannot fill storage. */
const mostReceipts = 1000;

/** What is remembered of a torrent from one start to the next; its pieces are in a database of their own. */
export interface TorrentRecord {
  readonly version: 1;
  /** The page's name for it, the same from the drop or the link to the removal. */
  readonly id: string;
  readonly infoHash: InfoHash;
  readonly name: string;
  /** `null` while only the magnet link is known. */
  readonly infoBytes: Uint8Array | null;
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** One flag a file without padding files; `null` until the person has chosen. */
  readonly wanted: readonly boolean[] | null;
  /** Files that the link selects (BEP 53): indices into all files of the torrent, ascending. */
  readonly selectOnly?: readonly number[];
  /** Everything (or what the link selects) is wanted as soon as the metadata is here. Older records have a boolean. */
  readonly autostart: Autostart;
  readonly paused: boolean;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  readonly mine: boolean;
  /** When everything wanted was here for the first time. Missing in older records, and before. */
  readonly finishedAt?: number;
  /** How the swarm spreads its pieces (strategy.ts), in its one form. Missing: as usual. */
  readonly strategy?: string;
  /** The person's limits for this torrent. Missing: none. */
  readonly limits?: SpeedLimits;
  /** How often the Worker died while this torrent was being stepped; missing in older records: 0. */
  readonly crashes?: number;
  /** The person asked to download their own share, whose files cannot be read. Missing in older records: false. */
  readonly askedFor?: boolean;
  /** The person saved everything that was wanted. Missing in older records: false. */
  readonly saved?: boolean;
  /** Random, in hex, kept from the first save on: whoever saves more later is still the same person. */
  readonly receipt?: string;
  /** Receipts of others, at most {@link mostReceipts}. */
  readonly savedBy?: readonly string[];
  /** Files that are served from disk are copied into storage as well. */
  readonly keepCopy: boolean;
  /** By file without padding files, where the browser gave handles; `null` where the files were not given by handle. */
  readonly handles: readonly (FileSystemFileHandle | null)[] | null;
  /** A download that lies in the files where the person saved it, and not in storage. Missing in older records: false. */
  readonly inSavedFile?: boolean;
  /** The picked folder that holds these files: allowing it allows all of them. Missing where they were picked one by one. */
  readonly savedFolder?: FileSystemDirectoryHandle;
}

/** 128 random bits; never as long as an info hash. */
export function newId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}

/** A stored record. Earlier versions kept no id: the info hash was it. `null` where this is no record of ours. */
export function readRecord(value: unknown): TorrentRecord | null {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return null;
  const record = value as Omit<TorrentRecord, 'id' | 'autostart'> & { readonly id?: string; readonly autostart: Autostart | boolean };
  const { id = record.infoHash, autostart } = record;
  return { ...record, id, autostart: typeof autostart === 'boolean' ? (autostart ? 'yes' : 'no') : autostart };
}

/** A torrent that was just added: nothing chosen, not ours, not paused. */
export function newRecord(
  parts: Pick<TorrentRecord, 'infoHash' | 'name' | 'trackers' | 'webSeeds'> & Partial<TorrentRecord>,
): TorrentRecord {
  const usual = {
    version: 1,
    infoBytes: null,
    wanted: null,
    autostart: 'no',
    paused: false,
    mine: false,
    keepCopy: false,
    handles: null,
  } as const;
  return { ...usual, id: newId(), addedAt: Date.now(), ...parts };
}

/** What a link or a `.torrent` file says beside the info hash. */
export type LinkSources = Pick<TorrentRecord, 'trackers' | 'webSeeds'> & {
  readonly selectOnly?: readonly number[] | undefined;
  readonly infoBytes?: Uint8Array | null;
};

export function merged(record: TorrentRecord, { trackers, webSeeds, selectOnly = record.selectOnly }: LinkSources): Partial<TorrentRecord> {
  const both = { trackers: union(record.trackers, trackers), webSeeds: union(record.webSeeds, webSeeds) };
  return selectOnly === undefined ? both : { ...both, selectOnly };
}

function union(known: readonly string[], added: readonly string[]): string[] {
  return [...new Set([...known, ...added])];
}

/** `null` where it is known already, or over the limit. */
export function withReceipt({ savedBy = [] }: TorrentRecord, receipt: string): Pick<TorrentRecord, 'savedBy'> | null {
  return savedBy.length >= mostReceipts || savedBy.includes(receipt) ? null : { savedBy: [...savedBy, receipt] };
}

/** Your own shares, and what you saved and emptied storage of, are never downloaded unless you ask: you have the files. */
export function isKeptBack({ mine, inSavedFile = false, askedFor = false }: TorrentRecord): boolean {
  return (mine || inSavedFile) && !askedFor;
}

/** The person has said that they want this torrent, or shares it: only then are the addresses of its link contacted. */
export function isConfirmed({ mine, wanted, autostart }: TorrentRecord): boolean {
  return mine || wanted !== null || autostart !== 'no';
}

/** One flag a file; `null` where the person has not chosen yet, or never wanted to fetch this. */
export function filesToFetch(record: TorrentRecord): readonly boolean[] | null {
  if (!isKeptBack(record)) return record.wanted;
  return record.mine ? null : [];
}

/** One flag a shown file (`shown`: its index among all files), from what the link selects; `null` where that is nothing of this torrent. */
export function suggestedFiles({ selectOnly = [] }: TorrentRecord, shown: readonly number[]): readonly boolean[] | null {
  const selected = new Set(selectOnly);
  const flags = shown.map((index) => selected.has(index));
  return flags.includes(true) ? flags : null;
}

export function magnetOf({ infoHash, name, trackers, webSeeds, strategy = '' }: TorrentRecord): string {
  return writeMagnet({ infoHashV1: infoHash, name, trackers, webSeeds, strategy });
}

/** The `.torrent`. @throws TabswarmError `notComplete` while the metadata is unknown. */
export function torrentFileOf({ infoBytes, trackers, webSeeds }: TorrentRecord): Uint8Array {
  if (infoBytes === null) throw new TabswarmError('notComplete');
  return encodeTorrent({ infoBytes, trackers: trackers.map((url) => [url]), webSeeds, createdBy: 'Tabswarm' });
}
