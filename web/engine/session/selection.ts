import type { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import type { TorrentFile } from '../../bridge/protocol.ts';

/** Files as people see them: padding files (BEP 47) left out. Everything here counts in those. */

/** Indices into `info.files`. For a hundred thousand files this takes 100 ms and more: to be asked for once a torrent, not once a file. */
export function shownFiles(info: Info): number[] {
  return info.files.flatMap((file, index) => (file.padding ? [] : [index]));
}

export function torrentFiles(info: Info): TorrentFile[] {
  return shownFiles(info).map((index) => {
    const { path, length, linkTarget } = info.files[index]!;
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

/** Whether every piece under a file is there. `index` is into `info.files`: who asks for each of 100,000 counts them once. */
export function isFileComplete(info: Info, have: Bitfield, index: number): boolean {
  const { first, end } = info.geometry.piecesOfFile(index);
  for (let piece = first; piece < end; piece++) if (!have.has(piece)) return false;
  return true;
}
