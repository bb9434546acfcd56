import type { WebSeedPolicy } from '../../shared/swarm/events.ts';

/** Bytes a second; `null`: no limit. */
export interface SpeedLimits {
  readonly down: number | null;
  readonly up: number | null;
}

/** Whether content that lies in files of the person's own is kept in this browser too. `auto`: where it fits a quarter of the free space. */
export type KeepCopy = 'auto' | 'yes' | 'no';

/** What the person chose in Settings, as far as it concerns the engine. */
export interface Preferences {
  readonly webSeeds: WebSeedPolicy;
  /** Of all torrents together. */
  readonly limits: SpeedLimits;
  /** Transfers give way to whatever else uses this person's line. */
  readonly gentle: boolean;
  /** The people connected see this name; empty: one made from the peer id. */
  readonly ownName: string;
  readonly keepCopy: KeepCopy;
}
