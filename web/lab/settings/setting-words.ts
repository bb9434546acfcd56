import { m } from '../../paraglide/messages.js';
import { strategyChoices } from '../../ui/text/strategy-choices.ts';
import type { LabSettings } from './lab-settings.ts';

/** The settings that are numbers, with their names, in the order of the form. */
export const numbers = [
  ['peers', m.lab_peers],
  ['pieces', m.lab_pieces],
  ['seedUplinks', m.lab_seed_uplink],
  ['riders', m.lab_riders],
  ['poisoners', m.lab_poisoners],
  ['seed', m.lab_seed],
] as const;

/** The settings that are chosen from a list: name, label, choices. */
export const lists = [
  {
    name: 'uplinks',
    label: m.lab_uplinks,
    choices: [
      ['equal', m.lab_uplinks_equal],
      ['mixed', m.lab_uplinks_mixed],
    ],
  },
  {
    name: 'transport',
    label: m.lab_transport,
    choices: [
      ['ideal', m.lab_transport_ideal],
      ['browser', m.lab_transport_browser],
    ],
  },
  { name: 'order', label: m.strategy_pieces_label, choices: strategyChoices.pieces },
  { name: 'serve', label: m.strategy_peers_label, choices: strategyChoices.peers },
  { name: 'spread', label: m.strategy_spread_label, choices: strategyChoices.spread },
] as const;

export const switches = [
  ['trackerDies', m.lab_tracker_dies],
  ['churn', m.lab_churn],
] as const;

/** What these settings have and the others have not, as people read it. */
export function differences(own: LabSettings, other: LabSettings): string[] {
  const differ = (name: keyof LabSettings): boolean => own[name] !== other[name];
  return [
    ...numbers.filter(([name]) => differ(name)).map(([name, label]) => `${label()}: ${own[name]}`),
    ...lists.filter(({ name }) => differ(name)).map(({ name, label, choices }) => `${label()}: ${chosen(choices, own[name])}`),
    ...switches.filter(([name]) => differ(name)).map(([name, label]) => `${label()}: ${own[name] ? '✓' : '–'}`),
  ];
}

function chosen(choices: readonly (readonly [string, () => string])[], value: string): string {
  return choices.find(([name]) => name === value)?.[1]() ?? value;
}
