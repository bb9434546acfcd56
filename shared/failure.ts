/**
 * Every failure has a code and one sentence: what happened, why, what to do. Tests match codes, people read sentences,
 * and plain `{code, message}` crosses the border between Worker and page.
 */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  /** Particulars (a file's path) where there are any. */
  readonly detail?: string;
}

/** What the world or a person did: shown to people. */
export const sentences = {
  notATorrent: 'This is not a .torrent file: its content is not what such files hold. Ask for the file again, or use a link.',
  torrentTooLarge: 'This .torrent file is larger than 64 MB, more than any real one needs, so it was not read.',
  badTorrent: 'This .torrent file is damaged or not allowed, so nothing was added. Ask for it again, or use a link.',
  badLink: 'This is not a link that Tabswarm can read. Copy the whole link, from "https:" or "magnet:" to its end.',
  linkWithoutHash: 'This link names no files: a part of it is missing. Copy the whole link again.',
  nothingDropped: 'There was nothing in what you dropped. Drop files or a folder, or choose them.',
  emptyFolder: 'This folder has no files in it, so there is nothing to share.',
  fileUnreadable: 'A file cannot be read any more: it was moved, deleted or changed since you chose it. Choose it again.',
  tooManyFiles: 'That is more than 100,000 files, more than one share can hold. Put them into an archive first.',
  fileListTooLong: 'The list of these files is longer than 10 MB, more than browsers take from each other. Put them into an archive first.',
  quotaExceeded: 'This browser has no room left for this site. Free some space, then press Resume; nothing was lost.',
  storageRefused:
    'This browser refuses to store anything for this page (a private window, perhaps). Files go on in memory and are gone when the tab is closed.',
  storageLost:
    'Some stored pieces were lost or damaged by the browser. A download fetches them again, a share of your own needs its files.',
  notSecure: 'This page was opened over plain http, where browsers switch off what Tabswarm needs. Open it over https, or on localhost.',
  noWebRtc:
    'This browser has no WebRTC, without which browsers cannot reach each other. Use a current Chrome, Edge, Firefox or Safari, or allow WebRTC.',
  noIndexedDb: 'This browser has no IndexedDB, where received pieces are kept. Use a current browser, outside of a locked-down profile.',
  noWorker: 'This browser cannot start the background Worker that Tabswarm runs in. Use a current Chrome, Edge, Firefox or Safari.',
  partMissing: 'A part of Tabswarm could not be loaded: its server cannot be reached. Try again in a moment.',
  engineCrashed: 'The background Worker stopped unexpectedly. Reload the page: everything verified is kept.',
  otherTab: 'Tabswarm is running in another tab of this browser.',
  torrentFailed: 'Tabswarm made a mistake with this share and stopped it; the others go on. Resume it, and please report what happened.',
  unknownTorrent: 'This share is not in this browser: it was removed, or never opened here. Ask for its link.',
  notPrepared: 'The page was left before these files were prepared, so they are not shared. Choose them again.',
  v2Only: 'This link is for BitTorrent v2 only, which Tabswarm cannot download yet. Ask for a v1 or hybrid link.',
  saveFailed: 'The file could not be written where you chose. Choose another place, or save it as a download.',
  notComplete: 'This file is not complete yet, so it cannot be saved.',
  catalogueAway: 'The catalogue of this site cannot be reached. Try again in a moment.',
  catalogueRefused: 'The catalogue of this site did not accept this.',
  tooLargeForMemory: 'This is too large to be put together in memory by this browser. Save it to a folder instead.',
} as const;

/** What a peer did wrong: never shown as an error, the link is closed with the code. */
export type PeerFaultCode =
  | 'badHandshake'
  | 'wrongInfoHash'
  | 'selfConnection'
  | 'duplicatePeer'
  | 'badLength'
  | 'badMessage'
  | 'badBitfield'
  | 'lateBitfield'
  | 'badIndex'
  | 'badRequest'
  | 'requestFlood'
  | 'messageFlood'
  | 'fastWithoutBit'
  | 'unaskedPiece'
  | 'badExtension'
  | 'badMetadata'
  | 'corruptPiece'
  | 'banned';

/** Why we closed a link though nobody did wrong. */
type CloseReason = 'handshakeTimeout' | 'inactive' | 'seedToSeed' | 'paused' | 'removed' | 'tooManyLinks' | 'failed';

export type FailureCode = keyof typeof sentences;
export type CloseCode = PeerFaultCode | CloseReason;

/** Something a person must hear about: bad input, or the world's fault. */
export class TabswarmError extends Error {
  override readonly name = 'TabswarmError';
  readonly code: FailureCode;
  /** Particulars (a file's name, a number) for the log and for "Copy report"; the sentence stands without them. */
  readonly detail: string;

  constructor(code: FailureCode, detail = '') {
    super(sentences[code]);
    this.code = code;
    this.detail = detail;
  }
}

/** A peer broke the protocol. Thrown in `wire/` and `swarm/`, caught in one place (`Torrent.step`), where the link is closed. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';
  readonly code: PeerFaultCode;

  constructor(code: PeerFaultCode, detail = '') {
    super(detail === '' ? code : `${code}: ${detail}`);
    this.code = code;
  }
}

export function failureOf(error: unknown, fallback: FailureCode): Failure {
  if (error instanceof TabswarmError) return failureFrom(error);
  return { code: fallback, message: sentences[fallback] };
}

function failureFrom({ code, message, detail }: TabswarmError): Failure {
  return detail === '' ? { code, message } : { code, message, detail };
}
