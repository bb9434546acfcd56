import type { Geometry, LaidFile } from './geometry.ts';

/** `v1`: BEP 3. `v2`: BEP 52 alone. `hybrid`: both descriptions of the same bytes in one dictionary. */
export type TorrentKind = 'v1' | 'v2' | 'hybrid';

/** A validated info dictionary: everything in it may be relied on. Made by `validateInfo` only. */
export interface Info {
  readonly kind: TorrentKind;
  /** Sanitised. */
  readonly name: string;
  /** Bytes. v1: a multiple of 1 KiB; v2 and hybrid: a power of two from 16 KiB; 64 MiB at most. */
  readonly pieceLength: number;
  /** In the order of the piece space, padding files included: index for index the files of `geometry`. */
  readonly files: readonly TorrentEntry[];
  /** BEP 27. */
  readonly isPrivate: boolean;
  /** SHA-1 of every piece, 20 bytes each, `geometry.pieceCount` of them; empty where the torrent is v2 only. A view. */
  readonly pieceHashes: Uint8Array;
  readonly geometry: Geometry;
}

export interface TorrentEntry extends LaidFile {
  /**
   * Sanitised and unlike every other file's even where case does not count; shown and saved under this. `[name]` in a torrent of a
   * single file, else the torrent's name comes first.
   */
  readonly path: readonly string[];
  /** As received, the torrent's name first: BEP 19 builds the URL of a web seed from it, each part percent-encoded. */
  readonly webSeedPath: readonly string[];
  /** The target of a symlink (BEP 47), sanitised, for people to read; `null` for files. Links are shown, never followed and never written. */
  readonly linkTarget: string | null;
  /** Merkle root over SHA-256 of 16 KiB blocks (BEP 52); `null` in v1 torrents, of empty files and of padding. */
  readonly piecesRoot: Uint8Array | null;
}
