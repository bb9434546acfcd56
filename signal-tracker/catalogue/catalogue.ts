import type { InfoHash, Milliseconds } from '../../shared/ids.ts';
import type { CataloguePage, ListedShare, Listing } from '../../shared/tracker/listing.ts';
import { folded, searchWords } from './search-words.ts';

/**
 * The list of shares that their publishers made public. It has no clock, socket or cryptography: `nowMs` is an argument, and the caller has
 * checked the signature of `publicKey`. An entry is in `#entries` from `list` until its publisher or the operator removes it, or nobody has
 * seeded it for an hour.
 */

/** The current numbers of seeds and leeches of an info hash. */
export type CountPeers = (infoHash: InfoHash) => { readonly seeds: number; readonly leeches: number };

export interface CatalogueLimits {
  readonly maxEntries: number;
  /** Of one publisher. */
  readonly maxEntriesPerKey: number;
  /** Shares that the operator removed are remembered, so that they are not listed again. */
  readonly maxBarred: number;
  readonly pageEntries: number;
}

/** 10,000 entries take at most 11 MB, and searching all of them takes less than 1 ms (measured, Node 20). */
export const catalogueLimits: CatalogueLimits = { maxEntries: 10_000, maxEntriesPerKey: 100, maxBarred: 10_000, pageEntries: 20 };

/** How long a publisher may be away (a closed lid, a train) without losing the entry. */
export const seedlessMs: Milliseconds = 60 * 60 * 1000;

/** Why a change was refused. */
export type Refusal = 'notSeeded' | 'anotherPublisher' | 'barred' | 'full' | 'quota' | 'notListed';

/** Everything that is kept across a restart. */
export interface CatalogueRecord {
  readonly version: 1;
  /** Oldest first. */
  readonly entries: readonly { readonly listing: Listing; readonly publicKey: string }[];
  readonly barred: readonly InfoHash[];
}

interface Entry {
  readonly listing: Listing;
  readonly publicKey: string;
  readonly searched: string;
  /** `null` while somebody seeds it. */
  seedlessSinceMs: Milliseconds | null;
}

export class Catalogue {
  readonly #people: CountPeers;
  readonly #limits: CatalogueLimits;
  /** Oldest first. */
  readonly #entries = new Map<InfoHash, Entry>();
  readonly #barred: Set<InfoHash>;
  #changes = 0;

  /** With a `record` it continues from there, and everyone who seeded then has an hour to come back. */
  constructor(people: CountPeers, limits: CatalogueLimits = catalogueLimits, record: CatalogueRecord | null = null) {
    this.#people = people;
    this.#limits = limits;
    this.#barred = new Set(record?.barred);
    for (const { listing, publicKey } of record?.entries ?? []) this.#set(listing, publicKey);
  }

  /** Grows with every change of {@link record}. */
  get changes(): number {
    return this.#changes;
  }

  record(): CatalogueRecord {
    const entries = Array.from(this.#entries.values(), ({ listing, publicKey }) => ({ listing, publicKey }));
    return { version: 1, entries, barred: [...this.#barred] };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Lists a share, or changes its entry. The first one to list it is its publisher until it is removed. */
  list(listing: Listing, publicKey: string): Refusal | null {
    const { infoHash } = listing;
    const known = this.#entries.get(infoHash);
    if (this.#barred.has(infoHash)) return 'barred';
    if (known !== undefined && known.publicKey !== publicKey) return 'anotherPublisher';
    if (this.#people(infoHash).seeds === 0) return 'notSeeded';
    if (known === undefined && this.#entries.size >= this.#limits.maxEntries) return 'full';
    if (known === undefined && this.#countOf(publicKey) >= this.#limits.maxEntriesPerKey) return 'quota';
    this.#set(listing, publicKey);
    this.#changes += 1;
    return null;
  }

  /** Removes an entry of this key. */
  remove(infoHash: InfoHash, publicKey: string): Refusal | null {
    const known = this.#entries.get(infoHash);
    if (known === undefined) return 'notListed';
    if (known.publicKey !== publicKey) return 'anotherPublisher';
    this.#delete(infoHash);
    return null;
  }

  /** The operator removes a share: it cannot be listed again (only the latest 10,000 are remembered). */
  bar(infoHash: InfoHash): void {
    this.#delete(infoHash);
    const [first] = this.#barred;
    if (first !== undefined && this.#barred.size >= this.#limits.maxBarred) this.#barred.delete(first);
    this.#barred.add(infoHash);
  }

  find(infoHash: InfoHash): ListedShare | null {
    const entry = this.#entries.get(infoHash);
    return entry === undefined ? null : this.#shown(entry);
  }

  /** A page of the entries whose names contain every word of `search`, newest first. A page beyond the last one is the last one. */
  page(search: string, wanted: number): CataloguePage {
    const words = searchWords(search);
    const found = [...this.#entries.values()].filter(({ searched }) => words.every((word) => searched.includes(word))).toReversed();
    const { pageEntries } = this.#limits;
    const pages = Math.max(1, Math.ceil(found.length / pageEntries));
    const page = Math.min(Math.max(1, wanted), pages);
    const shares = found.slice((page - 1) * pageEntries, page * pageEntries).map((entry) => this.#shown(entry));
    return { shares, total: found.length, page, pages };
  }

  /** To be called every few seconds: removes entries that nobody has seeded for an hour. */
  sweep(nowMs: Milliseconds): void {
    for (const [infoHash, entry] of this.#entries) {
      if (this.#people(infoHash).seeds > 0) entry.seedlessSinceMs = null;
      else if (entry.seedlessSinceMs === null) entry.seedlessSinceMs = nowMs;
      else if (nowMs - entry.seedlessSinceMs >= seedlessMs) this.#delete(infoHash);
    }
  }

  #countOf(publicKey: string): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.publicKey === publicKey) count += 1;
    return count;
  }

  #set(listing: Listing, publicKey: string): void {
    this.#entries.set(listing.infoHash, { listing, publicKey, searched: folded(listing.name), seedlessSinceMs: null });
  }

  #delete(infoHash: InfoHash): void {
    this.#entries.delete(infoHash);
    this.#changes += 1;
  }

  #shown({ listing, publicKey }: Entry): ListedShare {
    return { ...listing, ...this.#people(listing.infoHash), publicKey };
  }
}
