import { m } from '../paraglide/messages.js';
import { usualSettings, type LabSettings } from './settings/lab-settings.ts';

/** A sentence or three, their source, and two runs that show them side by side. */
export interface Lesson {
  readonly name: string;
  readonly title: () => string;
  readonly text: () => string;
  readonly source: () => string;
  /** What is compared, and what the lesson is about. */
  readonly settings: readonly [LabSettings, LabSettings];
}

function compared(before: Partial<LabSettings>, now: Partial<LabSettings>): Lesson['settings'] {
  return [
    { ...usualSettings, ...before },
    { ...usualSettings, ...now },
  ];
}

export const lessons: readonly Lesson[] = [
  {
    name: 'bounds',
    title: m.lesson_bounds_title,
    text: m.lesson_bounds,
    source: m.lesson_bounds_source,
    settings: compared({ peers: 10 }, { peers: 80 }),
  },
  {
    name: 'rarest',
    title: m.lesson_rarest_title,
    text: m.lesson_rarest,
    source: m.lesson_rarest_source,
    settings: compared({ order: 'sequential' }, {}),
  },
  {
    name: 'riders',
    title: m.lesson_riders_title,
    text: m.lesson_riders,
    source: m.lesson_riders_source,
    settings: compared({ riders: 40, serve: 'none' }, { riders: 40 }),
  },
  {
    name: 'gossip',
    title: m.lesson_gossip_title,
    text: m.lesson_gossip,
    source: m.lesson_gossip_source,
    settings: compared({ spread: 'push' }, { spread: 'push-pull' }),
  },
  {
    name: 'poison',
    title: m.lesson_poison_title,
    text: m.lesson_poison,
    source: m.lesson_poison_source,
    settings: compared({}, { poisoners: 20 }),
  },
];
