import type { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import type { TorrentFile } from '../../bridge/protocol.ts';

/** Files as people see them: without padding files (BEP 47). "Shown" indices count these. */

/** Indices into `info.files`. Takes 100 ms and more for 100,000 files: call it once a torrent, not once a file. */
export function shownFiles(info: Info): number[] {
  return info.files.flatMap((file, index) => (file.padding ? [] : [index]));
}

export function torrentFiles(info: Info): TorrentFile[] {
  return info.files.flatMap(({ path, length, linkTarget, padding }) => {
    if (padding) return [];
    return linkTarget === null ? { path, length } : { path, length, linkTarget };
  });
}

/** One byte a piece, 1 under every wanted file. `flags` has one entry a shown file. */
export function prioritiesOf(info: Info, flags: readonly boolean[]): Uint8Array {
  const priorities = new Uint8Array(info.geometry.pieceCount);
  for (const [shown, index] of shownFiles(info).entries()) {
    const { first, end } = info.geometry.piecesOfFile(index);
    if (flags[shown] === true) priorities.fill(1, first, end);
  }
  return priorities;
}

/** Whether every piece of a file is verified. `index` is into `info.files`; find it once a torrent with {@link shownFiles}. */
export function isFileComplete(info: Info, have: Bitfield, index: number): boolean {
  const { first, end } = info.geometry.piecesOfFile(index);
  for (let piece = first; piece < end; piece++) if (!have.has(piece)) return false;
  return true;
}
