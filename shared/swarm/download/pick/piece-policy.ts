import type { SwarmConfig } from '../../config.ts';
import type { Chooser, Picked } from './chooser.ts';

/** What a peer that is not on parole may be asked for. Each returns `null` where there is nothing. */
export interface PieceChoices {
  /** The next block of a piece that this peer began. */
  ownBegun(peer: Chooser): Picked | null;
  /** The next block of any begun piece, the oldest first. */
  anyBegun(peer: Chooser): Picked | null;
  /** The first block of a piece that nobody began: suggested, else the rarest. */
  fresh(peer: Chooser): Picked | null;
  /** A piece that the peer suggested can be asked for or comes from it. */
  awaitsSuggested(peer: Chooser): boolean;
  /** The first block of a piece that it suggested and nobody began. */
  suggested(peer: Chooser): Picked | null;
}

/** Which block next of this peer. */
export type PiecePolicy = (choices: PieceChoices, peer: Chooser) => Picked | null;

const policies: Record<SwarmConfig['piecePolicy'], PiecePolicy> = {
  /** Few pieces are under way, and each is whole soon, by whoever gives its blocks. */
  'finish-begun': (choices, peer) => choices.anyBegun(peer) ?? choices.fresh(peer),
  /**
   * Who began a piece goes on with it, so that one whole piece costs its giver one piece; others join when nothing else is left. A seed that
   * suggests knows which pieces nobody was given yet: what we chose ourselves meanwhile, it is often giving to another.
   */
  'finish-own': (choices, peer) =>
    choices.ownBegun(peer) ?? (choices.awaitsSuggested(peer) ? choices.suggested(peer) : (choices.fresh(peer) ?? choices.anyBegun(peer))),
};

export function piecePolicy({ piecePolicy: name }: SwarmConfig): PiecePolicy {
  return policies[name];
}
