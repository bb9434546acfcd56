import type { PieceIndex } from '../../shared/ids.ts';
import type { Batch } from './write-behind.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Where a piece lies: a stretch of the value under `key`. */
export interface Place {
  readonly key: string;
  readonly begin: number;
  /** Past the end for the torrent's last, shorter piece: cut it there. */
  readonly end: number;
}

export interface Group {
  readonly key: string;
  readonly bytes: Bytes;
}

/**
 * Small pieces are stored several to a value: a put costs a Worker about a millisecond whatever its size (17 ms a megabyte with pieces of
 * 64 KiB). The key of a group, `number:piece,piece,…`, is its own index, so that a start reads keys and no values. A piece that is stored
 * again is in several groups: the one with the highest number counts.
 */
export class PieceGroups {
  readonly #pieceLength: number;
  readonly #mostPieces: number;
  readonly #places = new Map<PieceIndex, { readonly key: string; readonly number: number; readonly position: number }>();
  #nextNumber = 0;

  constructor(pieceLength: number, groupBytes: number) {
    this.#pieceLength = pieceLength;
    this.#mostPieces = Math.floor(groupBytes / pieceLength);
  }

  /** Pieces in ascending order, so that the torrent's last, shorter one comes last in its group. */
  gather(batch: Batch): Group[] {
    const pieces = [...batch.keys()].toSorted((a, b) => a - b);
    const groups: Group[] = [];
    for (let first = 0; first < pieces.length; first += this.#mostPieces) {
      const members = pieces.slice(first, first + this.#mostPieces);
      const bytes = new Uint8Array(members.reduce((sum, piece) => sum + batch.get(piece)!.length, 0));
      for (const [position, piece] of members.entries()) bytes.set(batch.get(piece)!, position * this.#pieceLength);
      groups.push({ key: `${this.#nextNumber++}:${members.join(',')}`, bytes });
    }
    return groups;
  }

  /** A group is stored under this key. Keys of another form are none of ours. */
  learn(key: string): void {
    const [, digits, list] = /^(\d+):([\d,]+)$/.exec(key) ?? [];
    if (digits === undefined || list === undefined) return;
    const number = Number(digits);
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    for (const [position, piece] of list.split(',').map(Number).entries()) {
      const known = this.#places.get(piece);
      if (known === undefined || known.number < number) this.#places.set(piece, { key, number, position });
    }
  }

  placeOf(piece: PieceIndex): Place | null {
    const place = this.#places.get(piece);
    if (place === undefined) return null;
    return { key: place.key, begin: place.position * this.#pieceLength, end: (place.position + 1) * this.#pieceLength };
  }

  forget(piece: PieceIndex): void {
    this.#places.delete(piece);
  }
}
