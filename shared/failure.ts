/** What the world or a person did. People read the sentence for a code in `web/messages`, the only table of them; logs and tests take the code. */
export type FailureCode =
  | 'notATorrent'
  | 'torrentTooLarge'
  | 'badTorrent'
  | 'piecesTooLarge'
  | 'badLink'
  | 'linkWithoutHash'
  | 'nothingDropped'
  | 'emptyFolder'
  | 'emptyShare'
  | 'fileUnreadable'
  | 'fileChanged'
  | 'wrongFiles'
  | 'tooManyFiles'
  | 'fileListTooLong'
  | 'quotaExceeded'
  | 'storageRefused'
  | 'storageLost'
  | 'notSecure'
  | 'noWebRtc'
  | 'noIndexedDb'
  | 'noWorker'
  | 'partMissing'
  | 'engineCrashed'
  | 'tabOutdated'
  | 'tabsApart'
  | 'torrentFailed'
  | 'unknownTorrent'
  | 'notPrepared'
  | 'v2Only'
  | 'tooManyLinks'
  | 'torrentSetAside'
  | 'engineRestarted'
  | 'saveFailed'
  | 'notComplete'
  | 'catalogueAway'
  | 'catalogueRefused'
  | 'tooLargeForMemory'
  | 'badLibrary';

/** What crosses the border between Worker and page. */
export interface Failure {
  readonly code: FailureCode;
  /** Particulars (a file's path) where there are any. */
  readonly detail?: string;
}

/** What a peer did wrong: never shown as an error, the link is closed with the code. */
export type PeerFaultCode =
  | 'badHandshake'
  | 'wrongInfoHash'
  | 'selfConnection'
  | 'wrongPeerId'
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

export type CloseCode = PeerFaultCode | CloseReason;

/** Something a person must hear about: bad input, or the world's fault. */
export class TabswarmError extends Error {
  override readonly name = 'TabswarmError';
  readonly code: FailureCode;
  /** Particulars (a file's name, a number) for the log and for "Copy report"; the sentence stands without them. */
  readonly detail: string;

  constructor(code: FailureCode, detail = '') {
    super(detail === '' ? code : `${code}: ${detail}`);
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

/** What to say of a caught error; `fallback` where it is none of ours. */
export function failureOf(error: unknown, fallback: FailureCode): Failure {
  if (!(error instanceof TabswarmError)) return { code: fallback };
  const { code, detail } = error;
  return detail === '' ? { code } : { code, detail };
}
