/** Numbers of files: saved so far, complete (so they can be saved), and in the whole torrent. */
export interface SaveCounts {
  readonly saved: number;
  readonly complete: number;
  readonly total: number;
}

/** What the large Save button says: `savedSome` where everything complete is saved, but that is not the whole torrent. */
export type SaveStatus = 'notSaved' | 'partlySaved' | 'savedSome' | 'saved';

export function saveStatusOf({ saved, complete, total }: SaveCounts): SaveStatus {
  if (saved === 0) return 'notSaved';
  if (saved < complete) return 'partlySaved';
  return saved < total ? 'savedSome' : 'saved';
}
