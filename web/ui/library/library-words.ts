import { m } from '../../paraglide/messages.js';
import type { GroupName } from './library-groups.ts';
import type { SortKey } from './library-list.ts';

export const groupTitles: Readonly<Record<GroupName, () => string>> = {
  needsFiles: m.library_group_needs_files,
  notStarted: m.library_group_not_started,
  downloading: m.library_group_downloading,
  sharing: m.library_group_sharing,
  finished: m.library_group_finished,
  paused: m.library_group_paused,
};

export const sortTitles: Readonly<Record<SortKey, () => string>> = {
  state: m.library_column_state,
  name: m.library_column_name,
  progress: m.library_column_progress,
  size: m.library_column_size,
  down: m.library_column_down,
  up: m.library_column_up,
  people: m.library_column_people,
  added: m.library_column_added,
  finished: m.library_column_finished,
};
