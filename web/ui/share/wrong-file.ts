import type { ChosenFile, TorrentFile } from '../../bridge/protocol.ts';

/** A chosen file, and the one of the share that it is not. */
interface WrongFile {
  readonly chosen: File;
  readonly wanted: TorrentFile;
}

/**
 * The pair that tells a person most: a file of the right name and another size, then one of the right size, then the first of each. `null`
 * where there are none.
 */
export function findWrongFile(chosen: readonly ChosenFile[], wanted: readonly TorrentFile[]): WrongFile | null {
  const byName = new Map(wanted.map((file) => [file.path.at(-1), file]));
  const bySize = new Map(wanted.map((file) => [file.length, file]));
  for (const { file } of chosen) {
    const named = byName.get(file.name);
    if (named !== undefined && named.length !== file.size) return { chosen: file, wanted: named };
  }
  for (const { file } of chosen) {
    const sized = bySize.get(file.size);
    if (sized !== undefined) return { chosen: file, wanted: sized };
  }
  const [first] = chosen;
  const [other] = wanted;
  return first === undefined || other === undefined ? null : { chosen: first.file, wanted: other };
}
