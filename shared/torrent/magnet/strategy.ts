/**
 * How a swarm spreads its pieces, as a link says it: `x.ts` in magnet links, after `~` in short ones. Words in any order with dots between, at
 * most one of each kind: "random.latency.push". What is left out is usual, and so is everything that a reader does not know.
 */
export const pieceOrders = ['rarest', 'random', 'sequential', 'windowed'] as const;
export const peerChoices = ['usual', 'tit-for-tat', 'rarity', 'latency', 'hybrid', 'none'] as const;
export const disseminations = ['bittorrent', 'push', 'pull', 'push-pull'] as const;

export interface SwarmStrategy {
  /** Which piece first. */
  readonly pieces: (typeof pieceOrders)[number];
  /** Who is served first. */
  readonly peers: (typeof peerChoices)[number];
  /** Whether pieces are requested, pushed, or both. */
  readonly spread: (typeof disseminations)[number];
}

export const usualStrategy: SwarmStrategy = { pieces: 'rarest', peers: 'usual', spread: 'bittorrent' };

/** All words at once have fewer characters. */
const mostCharacters = 64;

function oneOf<Word extends string>(known: readonly Word[], words: readonly string[], usual: Word): Word {
  return known.find((word) => words.includes(word)) ?? usual;
}

/** Never fails: the text is a stranger's. */
export function readStrategy(text: string): SwarmStrategy {
  const words = text.slice(0, mostCharacters).split('.');
  return {
    pieces: oneOf(pieceOrders.slice(1), words, usualStrategy.pieces),
    peers: oneOf(peerChoices.slice(1), words, usualStrategy.peers),
    spread: oneOf(disseminations.slice(1), words, usualStrategy.spread),
  };
}

/** Empty for the usual one. */
export function writeStrategy({ pieces, peers, spread }: SwarmStrategy): string {
  const words: string[] = [];
  if (pieces !== usualStrategy.pieces) words.push(pieces);
  if (peers !== usualStrategy.peers) words.push(peers);
  if (spread !== usualStrategy.spread) words.push(spread);
  return words.join('.');
}

/** In its one form, without what we do not know. */
export function knownStrategy(text: string): string {
  return writeStrategy(readStrategy(text));
}
