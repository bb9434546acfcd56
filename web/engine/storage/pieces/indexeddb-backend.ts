import type { Bytes } from '../../../../shared/bytes.ts';
import { createStore, type UseStore } from 'idb-keyval';
import type { PieceIndex } from '../../../../shared/ids.ts';
import { Bitfield } from '../../../../shared/swarm/lib/bitfield.ts';
import { deleteDatabase, retire, settled } from './database.ts';
import { type PieceBackend, recordBytes } from './piece-backend.ts';
import type { Batch } from './write-behind.ts';

const haveKey = 'have';

/** One database for each torrent: deleting a torrent deletes a database, and a damaged one harms no other. */
export class IndexedDbBackend implements PieceBackend {
  readonly inMemory = false;
  readonly #name: string;
  readonly #pieceCount: number;
  readonly #recordsPerPiece: number;
  /** `null` where a piece fills a record or more. */
  readonly #groups: PieceGroups | null;
  readonly #store: UseStore;
  /** The group read last, because blocks of neighbouring pieces are requested one after another. */
  #lastRead: { readonly key: string; readonly bytes: Promise<Bytes | null> } | null = null;

  constructor(name: string, pieceCount: number, pieceLength: number) {
    this.#name = name;
    this.#pieceCount = pieceCount;
    this.#recordsPerPiece = Math.ceil(pieceLength / recordBytes);
    this.#groups = 2 * pieceLength <= recordBytes ? new PieceGroups(pieceLength, recordBytes) : null;
    this.#store = createStore(name, 'pieces');
  }

  async load(): Promise<Uint8Array | null> {
    const have = await this.#store('readonly', async (store) => {
      const keys = this.#groups === null ? [] : settled(store.getAllKeys());
      const bits: unknown = await settled(store.get(haveKey));
      for (const key of await keys) if (typeof key === 'string') this.#groups?.learn(key);
      if (!(bits instanceof Uint8Array) || bits.length !== new Bitfield(this.#pieceCount).bytes.length) return null;
      this.#groups?.keepOnly(Bitfield.of(this.#pieceCount, bits));
      return bits;
    });
    const empty = this.#groups?.takeEmpty() ?? [];
    if (empty.length > 0) await this.#store('readwrite', (store) => deleteKeys(store, empty));
    return have;
  }

  async write(batch: Batch): Promise<void> {
    const keys: string[] = [];
    await this.#store('readwrite', (store) => {
      if (this.#groups === null) this.#putPieces(store, batch);
      else {
        for (const key of this.#groups.takeEmpty()) store.delete(key);
        keys.push(...putGroups(store, this.#groups.gather(batch)));
      }
      return this.#changeBits(store, (bits) => {
        for (const piece of batch.keys()) bits.set(piece);
      });
    });
    for (const key of keys) this.#groups?.learn(key);
  }

  async read(piece: PieceIndex, record: number): Promise<Bytes | null> {
    if (this.#groups === null) return this.#get(piece * this.#recordsPerPiece + record);
    const place = this.#groups.placeOf(piece);
    if (place === null) return null;
    if (this.#lastRead?.key !== place.key) this.#lastRead = { key: place.key, bytes: this.#get(place.key) };
    const [group] = await Promise.allSettled([this.#lastRead.bytes]);
    if (group.status === 'fulfilled') return group.value?.subarray(place.begin, place.end) ?? null;
    this.#lastRead = null;
    throw group.reason;
  }

  forget(pieces: readonly PieceIndex[]): Promise<void> {
    for (const piece of pieces) this.#groups?.forget(piece);
    return this.#store('readwrite', (store) =>
      this.#changeBits(store, (bits) => {
        for (const piece of pieces) bits.clear(piece);
      }),
    );
  }

  /** A value that holds other pieces as well stays. */
  async delete(pieces: readonly PieceIndex[]): Promise<void> {
    for (const piece of pieces) this.#groups?.forget(piece);
    const keys = this.#groups?.takeEmpty() ?? pieces.flatMap((piece) => this.#recordsOf(piece));
    await this.#store('readwrite', (store) => {
      for (const key of keys) store.delete(key);
      return this.#changeBits(store, (bits) => {
        for (const piece of pieces) bits.clear(piece);
      });
    });
    this.#lastRead = null;
  }

  async close(): Promise<void> {
    await this.#store('readonly', (store) => retire(store));
  }

  /** A database that cannot be opened any more can still be deleted. */
  async destroy(): Promise<void> {
    await Promise.allSettled([this.close()]);
    await deleteDatabase(this.#name);
  }

  #get(key: IDBValidKey): Promise<Bytes | null> {
    return this.#store('readonly', async (store) => {
      const value: unknown = await settled(store.get(key));
      return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
    });
  }

  #recordsOf(piece: PieceIndex): number[] {
    return Array.from({ length: this.#recordsPerPiece }, (_, record) => piece * this.#recordsPerPiece + record);
  }

  #putPieces(store: IDBObjectStore, batch: Batch): void {
    for (const [piece, bytes] of batch) {
      for (let record = 0; record * recordBytes < bytes.length; record++) {
        store.put(recordOf(bytes, record), piece * this.#recordsPerPiece + record);
      }
    }
  }

  /**
   * Reads and writes the bitfield within the transaction of the pieces themselves: transactions of one store run in the order they were made, so
   * one that fails takes its own bits with it and no other's.
   */
  #changeBits(store: IDBObjectStore, change: (bits: Bitfield) => void): Promise<void> {
    const request = store.get(haveKey);
    request.onsuccess = () => {
      const stored: unknown = request.result;
      const bits = stored instanceof Uint8Array ? Bitfield.of(this.#pieceCount, stored) : new Bitfield(this.#pieceCount);
      change(bits);
      store.put(bits.bytes, haveKey);
    };
    return settled(store.transaction);
  }
}

function deleteKeys(store: IDBObjectStore, keys: readonly string[]): Promise<void> {
  for (const key of keys) store.delete(key);
  return settled(store.transaction);
}

/** `put` copies before it returns. Replies with the keys. */
function putGroups(store: IDBObjectStore, groups: Iterable<Group>): string[] {
  return Array.from(groups, ({ key, bytes }) => {
    store.put(bytes.buffer, key);
    return key;
  });
}

/** An ArrayBuffer of its own: structured clone would copy the whole buffer under a view. */
function recordOf(bytes: Bytes, record: number): ArrayBuffer {
  const begin = bytes.byteOffset + record * recordBytes;
  const end = Math.min(begin + recordBytes, bytes.byteOffset + bytes.length);
  return begin === 0 && end === bytes.buffer.byteLength ? bytes.buffer : bytes.buffer.slice(begin, end);
}

/** Where a piece is stored: a range of the value under `key`. */
interface Place {
  readonly key: string;
  readonly begin: number;
  /** Past the end for the torrent's last, shorter piece: cut it there. */
  readonly end: number;
}

interface Group {
  readonly key: string;
  readonly bytes: Bytes;
}

/** The buffer of the last group, shared by all torrents: filling a new megabyte costs 0.7 ms, a used one 0.03 ms. */
let used: Bytes = new Uint8Array(0);

function buffer(byteLength: number): Bytes {
  if (used.length !== byteLength) used = new Uint8Array(byteLength);
  return used;
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
  /** How many pieces each group has that are read from it. */
  readonly #live = new Map<string, number>();
  /** Keys of groups that have none any more. */
  #empty: string[] = [];
  #nextNumber = 0;

  constructor(pieceLength: number, groupBytes: number) {
    this.#pieceLength = pieceLength;
    this.#mostPieces = Math.floor(groupBytes / pieceLength);
  }

  /**
   * Pieces in ascending order, so that the torrent's last, shorter one comes last in its group. The bytes of a group are good until the
   * next one is asked for.
   */
  *gather(batch: Batch): Generator<Group> {
    const pieces = [...batch].toSorted(([a], [b]) => a - b);
    for (let first = 0; first < pieces.length; first += this.#mostPieces) {
      const members = pieces.slice(first, first + this.#mostPieces);
      const bytes = buffer(members.reduce((sum, [, { length }]) => sum + length, 0));
      for (const [position, [, content]] of members.entries()) bytes.set(content, position * this.#pieceLength);
      yield { key: `${this.#nextNumber++}:${members.map(([piece]) => piece).join(',')}`, bytes };
    }
  }

  /** Learns from its key that a group is stored. Keys of another form are ignored. */
  learn(key: string): void {
    if (!/^\d+:[\d,]+$/.test(key)) return;
    const number = Number.parseInt(key, 10);
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    let live = 0;
    for (const [position, piece] of piecesOf(key).entries()) {
      const known = this.#places.get(piece);
      if (known !== undefined && known.number >= number) continue;
      this.forget(piece);
      this.#places.set(piece, { key, number, position });
      live++;
    }
    if (live > 0) this.#live.set(key, live);
    else this.#empty.push(key);
  }

  /** After a restart: a group's key still names pieces that were deleted before, and they would keep the group for good. */
  keepOnly(have: Bitfield): void {
    for (const piece of this.#places.keys()) if (!have.has(piece)) this.forget(piece);
  }

  placeOf(piece: PieceIndex): Place | null {
    const place = this.#places.get(piece);
    if (place === undefined) return null;
    return { key: place.key, begin: place.position * this.#pieceLength, end: (place.position + 1) * this.#pieceLength };
  }

  forget(piece: PieceIndex): void {
    const place = this.#places.get(piece);
    if (place === undefined) return;
    this.#places.delete(piece);
    const left = (this.#live.get(place.key) ?? 0) - 1;
    if (left > 0) this.#live.set(place.key, left);
    else {
      this.#live.delete(place.key);
      this.#empty.push(place.key);
    }
  }

  /** The keys of the groups of which every piece was forgotten, or stored again elsewhere. Whoever takes them deletes them. */
  takeEmpty(): string[] {
    return this.#empty.splice(0);
  }
}

/** The pieces in the group of this key, by position. */
function piecesOf(key: string): PieceIndex[] {
  return key
    .slice(key.indexOf(':') + 1)
    .split(',')
    .map(Number);
}
