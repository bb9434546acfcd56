/** How tabs download. */
export interface Rules {
  readonly name: string;
  /** In the link (`x.ts`). */
  readonly words: string;
  /** As the app stores them. */
  readonly settings: string;
}

/** The earlier system's timer gives a block every 3 s. Ours is so many times faster, because 200 blocks would take ten minutes. */
export const timerSpeed = 20;
const blocksPerSecond = timerSpeed / 3;

export const ownRules: Rules = { name: 'our engine', words: '', settings: '' };

/**
 * Rarest first; every ten seconds four slots for those with most of the rarest blocks, and an optimistic one; and a limit of so many blocks a
 * second, where that system has a timer.
 */
export const earlierRules: Rules = {
  name: 'earlier rules',
  words: 'rarity',
  settings: `limitDown=${Math.round(blocksPerSecond * 16 * 1024)}`,
};

export const allRules: readonly Rules[] = [ownRules, earlierRules];
