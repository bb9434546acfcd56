/** What the authors of the earlier system measured with real browsers: means over the peers of one run. */
export interface Published {
  readonly peers: number;
  readonly blocks: number;
  readonly seconds: number;
  readonly sent: number;
  readonly received: number;
  /** Seconds of peers that joined late. The published means include them. */
  readonly late?: readonly number[];
}

export const published: readonly Published[] = [
  { peers: 3, blocks: 20, seconds: 55.11, sent: 42, received: 68 },
  { peers: 3, blocks: 100, seconds: 295.6, sent: 234, received: 340 },
  { peers: 3, blocks: 200, seconds: 596.28, sent: 474, received: 714 },
  { peers: 5, blocks: 20, seconds: 59.95, sent: 75, received: 104, late: [58.1, 76.2] },
  { peers: 5, blocks: 100, seconds: 295.72, sent: 467, received: 599 },
  { peers: 5, blocks: 200, seconds: 597.08, sent: 947, received: 1207 },
];

/** The mean time of the peers that were there from the start. */
export function punctualSeconds({ peers, seconds, late = [] }: Published): number {
  return late.reduce((sum, each) => sum - each, seconds * peers) / (peers - late.length);
}
