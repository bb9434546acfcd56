import type { SwarmStrategy } from '../../../shared/torrent/magnet/strategy.ts';
import { m } from '../../paraglide/messages.js';

/** The words for each choice of how a swarm spreads its pieces, in the order in which a list offers them. */
export const strategyChoices: { readonly [Kind in keyof SwarmStrategy]: readonly (readonly [SwarmStrategy[Kind], () => string])[] } = {
  pieces: [
    ['rarest', m.strategy_pieces_rarest],
    ['random', m.strategy_pieces_random],
    ['sequential', m.strategy_pieces_sequential],
    ['windowed', m.strategy_pieces_windowed],
  ],
  peers: [
    ['usual', m.strategy_peers_usual],
    ['tit-for-tat', m.strategy_peers_tit_for_tat],
    ['rarity', m.strategy_peers_rarity],
    ['latency', m.strategy_peers_latency],
    ['hybrid', m.strategy_peers_hybrid],
    ['none', m.strategy_peers_none],
  ],
  spread: [
    ['bittorrent', m.strategy_spread_bittorrent],
    ['push', m.strategy_spread_push],
    ['pull', m.strategy_spread_pull],
    ['push-pull', m.strategy_spread_push_pull],
  ],
};
