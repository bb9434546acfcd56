import { defaultSwarm, type SwarmOptions } from '../../../shared/lab/swarm-options.ts';
import { strategySettings } from '../../../shared/swarm/strategy/settings.ts';
import { readStrategy, type SwarmStrategy, usualStrategy } from '../../../shared/torrent/magnet/strategy.ts';

/** Under names of their own: `peers` and `pieces` are numbers here. */
interface SwarmStrategyOfLab {
  readonly order: SwarmStrategy['pieces'];
  readonly serve: SwarmStrategy['peers'];
  readonly spread: SwarmStrategy['spread'];
}

/** What a person sets on the Lab page. Shares in percent. */
export interface LabSettings extends SwarmStrategyOfLab {
  readonly peers: number;
  readonly pieces: number;
  readonly uplinks: 'equal' | 'mixed';
  /** The seed's uplink over a leech's. */
  readonly seedUplinks: number;
  readonly riders: number;
  readonly poisoners: number;
  readonly churn: boolean;
  /** The only tracker is gone for good after a third of the bound. */
  readonly trackerDies: boolean;
  readonly transport: 'ideal' | 'browser';
  readonly seed: number;
}

export const usualSettings: LabSettings = {
  peers: 30,
  pieces: 128,
  uplinks: 'equal',
  seedUplinks: 1,
  riders: 0,
  poisoners: 0,
  churn: false,
  trackerDies: false,
  order: usualStrategy.pieces,
  serve: usualStrategy.peers,
  spread: usualStrategy.spread,
  transport: 'ideal',
  seed: 1,
};

type NumberName = { [Name in keyof LabSettings]: LabSettings[Name] extends number ? Name : never }[keyof LabSettings];

/** Least and most. More peers or pieces would keep a telephone busy for minutes. */
export const ranges: Readonly<Record<NumberName, readonly [number, number]>> = {
  peers: [1, 500],
  pieces: [8, 512],
  seedUplinks: [1, 16],
  riders: [0, 80],
  poisoners: [0, 50],
  seed: [1, 2 ** 31 - 1],
};

/** Into the nearest whole number of the range; what is no number becomes the usual one. */
export function clamped(name: NumberName, value: number): number {
  const [least, most] = ranges[name];
  return Number.isFinite(value) ? Math.min(most, Math.max(least, Math.round(value))) : usualSettings[name];
}

/** The settings that differ from the usual ones, for an address that can be shared. The seed is always named. */
export function queryOf(settings: LabSettings): string {
  const differing = Object.entries(settings).filter(
    ([name, value]) => name === 'seed' || value !== usualSettings[name as keyof LabSettings],
  );
  return new URLSearchParams(differing.map(([name, value]) => [name, String(value)])).toString();
}

/** Settings of an address that anybody may have written: unknown names are ignored, numbers are clamped. */
export function settingsOf(query: string): LabSettings {
  const given = new URLSearchParams(query);
  const number = (name: NumberName): number => clamped(name, Number(given.get(name) ?? Number.NaN));
  return {
    peers: number('peers'),
    pieces: number('pieces'),
    seedUplinks: number('seedUplinks'),
    riders: number('riders'),
    poisoners: number('poisoners'),
    seed: number('seed'),
    churn: given.get('churn') === 'true',
    trackerDies: given.get('trackerDies') === 'true',
    ...strategyIn(given),
    uplinks: given.get('uplinks') === 'mixed' ? 'mixed' : 'equal',
    transport: given.get('transport') === 'browser' ? 'browser' : 'ideal',
  };
}

function strategyIn(given: URLSearchParams): SwarmStrategyOfLab {
  const words = [given.get('order'), given.get('serve'), given.get('spread')];
  const { pieces: order, peers: serve, spread } = readStrategy(words.map((word) => word ?? '').join('.'));
  return { order, serve, spread };
}

export function swarmOptionsOf(settings: LabSettings): SwarmOptions {
  const { peers, pieces, uplinks, seedUplinks, riders, poisoners, churn, transport, trackerDies } = settings;
  const { order, serve, spread } = settings;
  return {
    ...defaultSwarm,
    peers,
    pieces,
    uplinks,
    churn,
    transport,
    seedUp: seedUplinks * defaultSwarm.up,
    riders: riders / 100,
    poisoners: poisoners / 100,
    trackerDies,
    swarm: strategySettings({ pieces: order, peers: serve, spread }),
  };
}
