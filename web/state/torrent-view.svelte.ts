import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Failure } from '../../shared/failure.ts';
import type { TorrentFile, TorrentSnapshot } from '../bridge/protocol.ts';
import { type Activity, changesBetween, withActivity } from './history/activity-log.ts';
import { keepOpenOf, type KeepOpen } from './keep-open.ts';
import { SpeedHistory } from './history/speed-history.ts';
import { readSavedFiles, writeSavedFiles } from './saved-files.ts';

export type SaveState = 'writing' | 'done';

/** One torrent in this page: the engine's last snapshot, and what only this page knows. */
export class TorrentView {
  /** Replaced as a whole by each snapshot; Svelte compares what a component reads of it. */
  snapshot: TorrentSnapshot;
  /** `null` until the metadata is known and asked for. */
  files: readonly TorrentFile[] | null = $state.raw(null);
  #chosen: readonly boolean[] | null = $state.raw(null);
  /** Bins, file progress and wanted files come for watched torrents only; the last ones are kept. */
  pieceBins: Uint8Array | null = $state.raw(null);
  fileProgress: Float64Array | null = $state.raw(null);
  wantedFiles: Uint8Array | null = $state.raw(null);
  /** Files that the link selects. */
  suggestedFiles: Uint8Array | null = $state.raw(null);
  /** A failure of something that the person did with this torrent, for example saving. */
  failure: Failure | null = $state.raw(null);
  /** When the current wait started, by this page's clock. */
  waitingSinceMs = $state(Date.now());
  /** When the present phase or wait began, and when the last snapshot came, by this page's clock. */
  stateSinceMs = $state(Date.now());
  updatedAtMs = $state(Date.now());
  /** The file that is shown in place. */
  shownFile: number | null = $state(null);
  readonly speeds = new SpeedHistory();
  activity: readonly Activity[] = $state.raw([]);
  readonly saves = new SvelteMap<number | 'all', SaveState>();
  /** Folders a person closed in the list of files. */
  readonly closedFolders = new SvelteSet<string>();

  readonly id: string;
  readonly complete: boolean;
  /** Everything that was asked for is here. */
  readonly done: boolean;
  readonly keepOpen: KeepOpen;
  /** 0–1, as the bar shows it: hashed bytes while hashing or checking, otherwise verified of the wanted bytes. */
  readonly progress: number;

  constructor(snapshot: TorrentSnapshot) {
    this.snapshot = $state.raw(snapshot);
    this.id = $derived(this.snapshot.id);
    this.complete = $derived(this.snapshot.totalBytes > 0 && this.snapshot.verifiedBytes === this.snapshot.totalBytes);
    this.done = $derived(this.snapshot.phase === 'seeding' || isDone(this.snapshot));
    this.keepOpen = $derived(keepOpenOf(this.snapshot));
    this.progress = $derived(progressOf(this.snapshot));
    this.apply(snapshot);
    this.readSaved();
  }

  /** What any tab of this browser has saved. */
  readSaved(): void {
    const { infoHash } = this.snapshot;
    if (infoHash === null) return;
    const saved = new Set(readSavedFiles(infoHash));
    for (const index of this.#savedIndices()) if (!saved.has(index)) this.saves.delete(index);
    for (const index of saved) if (this.saves.get(index) !== 'writing') this.saves.set(index, 'done');
  }

  apply(snapshot: TorrentSnapshot, nowMs = Date.now()): void {
    this.speeds.add(nowMs, snapshot.phase === 'hashing' ? 0 : snapshot.downRate, snapshot.upRate);
    this.activity = withActivity(this.activity, changesBetween(this.snapshot, snapshot, nowMs), snapshot.peers);
    const sameWait = this.snapshot.waiting === snapshot.waiting;
    if (!sameWait) this.waitingSinceMs = nowMs;
    if (!sameWait || this.snapshot.phase !== snapshot.phase) this.stateSinceMs = nowMs;
    this.updatedAtMs = nowMs;
    this.snapshot = snapshot;
    if (snapshot.pieceBins !== null) this.pieceBins = snapshot.pieceBins;
    if (snapshot.fileProgress !== null) this.fileProgress = snapshot.fileProgress;
    if (snapshot.wantedFiles !== null) this.wantedFiles = snapshot.wantedFiles;
    if (snapshot.suggestedFiles !== null) this.suggestedFiles = snapshot.suggestedFiles;
  }

  /** Ticked files by index, while a person chooses: at first those that the link selects; `null` means all. What the engine then wants is {@link wants}. */
  get chosen(): readonly boolean[] | null {
    if (this.#chosen !== null || this.wantedFiles !== null || this.suggestedFiles === null) return this.#chosen;
    return Array.from(this.suggestedFiles, (flag) => flag !== 0);
  }

  set chosen(chosen: readonly boolean[] | null) {
    this.#chosen = chosen;
  }

  /** Whether this file is downloaded; as long as nothing is chosen, all are. */
  wants(index: number): boolean {
    return this.wantedFiles?.[index] !== 0;
  }

  /** These files are now in a place outside of this browser. */
  markSaved(indices: readonly number[]): void {
    for (const index of indices) this.saves.set(index, 'done');
    const { infoHash } = this.snapshot;
    if (infoHash !== null) writeSavedFiles(infoHash, [...new Set([...readSavedFiles(infoHash), ...this.#savedIndices()])]);
  }

  /** A file is being written from this page. */
  get isSaving(): boolean {
    return [...this.saves.values()].includes('writing');
  }

  /** How many files have been saved. */
  get savedCount(): number {
    return this.#savedIndices().length;
  }

  #savedIndices(): number[] {
    return [...this.saves].flatMap(([which, state]) => (which !== 'all' && state === 'done' ? [which] : []));
  }

  /** Everything that was asked for is here, and was written where the person wanted it. */
  get saved(): boolean {
    return (
      this.done &&
      this.files !== null &&
      this.files.every((file, index) => !this.wants(index) || file.linkTarget !== undefined || this.saves.get(index) === 'done')
    );
  }

  /** Complete, and a file: a symlink is never written. */
  canSave(index: number): boolean {
    return this.fileDone(index) && this.files?.[index]?.linkTarget === undefined;
  }

  fileDone(index: number): boolean {
    const length = this.files?.[index]?.length;
    if (length === undefined) return false;
    return this.complete || length === 0 || (this.fileProgress?.[index] ?? 0) >= length;
  }
}

function isDone(snapshot: TorrentSnapshot): boolean {
  return snapshot.wantedBytes > 0 && snapshot.wantedVerifiedBytes === snapshot.wantedBytes;
}

/** The bytes behind {@link progressOf}: prepared while hashing or checking, verified of the wanted ones otherwise. */
export function progressBytesOf(snapshot: TorrentSnapshot): { readonly done: number; readonly total: number } {
  const preparing = snapshot.phase === 'hashing' || snapshot.phase === 'checking';
  if (preparing) return { done: snapshot.preparedBytes, total: snapshot.totalBytes };
  // Nothing is chosen yet, or only empty files, which are here at once.
  const isUnchosen = snapshot.wantedBytes === 0 && snapshot.phase !== 'seeding';
  return { done: snapshot.wantedVerifiedBytes, total: isUnchosen ? snapshot.totalBytes : snapshot.wantedBytes };
}

export function progressOf(snapshot: TorrentSnapshot): number {
  const { done, total } = progressBytesOf(snapshot);
  if (total > 0) return done / total;
  return snapshot.phase === 'seeding' ? 1 : 0;
}
