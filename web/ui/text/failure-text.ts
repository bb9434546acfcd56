import type { FailureCode } from '../../../shared/failure.ts';
import { m } from '../../paraglide/messages.js';

/** The sentence a person reads for each code; `tsc` refuses a code without one. */
const texts: Record<FailureCode, () => string> = {
  notATorrent: m.failure_not_a_torrent,
  torrentTooLarge: m.failure_torrent_too_large,
  badTorrent: m.failure_bad_torrent,
  piecesTooLarge: m.failure_pieces_too_large,
  badLink: m.failure_bad_link,
  linkWithoutHash: m.failure_link_without_hash,
  nothingDropped: m.failure_nothing_dropped,
  emptyFolder: m.failure_empty_folder,
  emptyShare: m.failure_empty_share,
  fileUnreadable: m.failure_file_unreadable,
  fileChanged: m.failure_file_changed,
  wrongFiles: m.failure_wrong_files,
  tooManyFiles: m.failure_too_many_files,
  fileListTooLong: m.failure_file_list_too_long,
  quotaExceeded: m.failure_quota_exceeded,
  storageRefused: m.failure_storage_refused,
  storageLost: m.failure_storage_lost,
  notSecure: m.failure_not_secure,
  noWebRtc: m.failure_no_web_rtc,
  noIndexedDb: m.failure_no_indexed_db,
  noWorker: m.failure_no_worker,
  partMissing: m.failure_part_missing,
  engineCrashed: m.failure_engine_crashed,
  tabOutdated: m.failure_tab_outdated,
  tabsApart: m.failure_tabs_apart,
  torrentFailed: m.failure_torrent_failed,
  unknownTorrent: m.failure_unknown_torrent,
  notPrepared: m.failure_not_prepared,
  v2Only: m.failure_v2_only,
  tooManyLinks: m.failure_too_many_links,
  torrentSetAside: m.failure_torrent_set_aside,
  engineRestarted: m.failure_engine_restarted,
  saveFailed: m.failure_save_failed,
  notComplete: m.failure_not_complete,
  catalogueAway: m.failure_catalogue_away,
  catalogueRefused: m.failure_catalogue_refused,
  tooLargeForMemory: m.failure_too_large_for_memory,
  badLibrary: m.failure_bad_library,
};

export function failureText(code: FailureCode): string {
  return texts[code]();
}
