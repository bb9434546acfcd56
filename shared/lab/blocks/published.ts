/** What the authors of the earlier system measured with real browsers: means over the peers of one run. */
export interface Published {
  readonly peers: number;
  readonly blocks: number;
  readonly seconds: number;
  readonly sent: number;
  readonly received: number;
}

/** In the run of five peers with 20 blocks, two peers joined late, which the published means include. */
export const published: readonly Published[] = [
  { peers: 3, blocks: 20, seconds: 55.11, sent: 42, received: 68 },
  { peers: 3, blocks: 100, seconds: 295.6, sent: 234, received: 340 },
  { peers: 3, blocks: 200, seconds: 596.28, sent: 474, received: 714 },
  { peers: 5, blocks: 20, seconds: 59.95, sent: 75, received: 104 },
  { peers: 5, blocks: 100, seconds: 295.72, sent: 467, received: 599 },
  { peers: 5, blocks: 200, seconds: 597.08, sent: 947, received: 1207 },
];
