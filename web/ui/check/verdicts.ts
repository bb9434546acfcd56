import { m } from '../../paraglide/messages.js';
import type { ChannelFacts, Facts, NetworkFacts, RelayFacts, ShareFacts } from '../../check/facts.ts';
import { rate, size } from '../text/format.ts';

/** `note`: not a fault, but worth knowing. */
export type Level = 'running' | 'good' | 'note' | 'bad';

export interface Verdict {
  readonly subject: Subject;
  readonly level: Level;
  readonly fact: string;
  readonly meaning: string;
  /** What to do; `null` where there is nothing to do. */
  readonly advice: string | null;
}

export type Subject = 'page' | 'storage' | 'tracker' | 'network' | 'relay' | 'channel' | 'share';

type Words = Omit<Verdict, 'subject'>;

/** Pieces are stored before they are shown: with less than this a download stops at once. */
const littleBytes = 100e6;

const slowTrackerMs = 1500;

/** A slow phone moves 10 MB/s between two ends of its own. */
const slowChannelBytes = 4e6;

/** From what was found out to what it means and what to do, line by line. It decides nothing and asks nothing. */
export function verdictsOf(facts: Facts): Verdict[] {
  const { storage, tracker, network, relay, channel, share } = facts;
  const lines: Verdict[] = [
    { subject: 'page', ...pageWords(facts) },
    { subject: 'storage', ...(storage === null ? running(m.check_storage_running()) : storageWords(facts)) },
    { subject: 'tracker', ...(tracker === null ? running(m.check_tracker_running()) : trackerWords(facts)) },
    { subject: 'network', ...(network === null ? running(m.check_network_running()) : networkWords(network, relay)) },
    { subject: 'relay', ...(relay === null ? running(m.check_relay_running()) : relayWords(relay)) },
    { subject: 'channel', ...(channel === null ? running(m.check_channel_running()) : channelWords(channel)) },
  ];
  if (share !== null) lines.push({ subject: 'share', ...shareWords(share, facts) });
  return lines;
}

function running(fact: string): Words {
  return { level: 'running', fact, meaning: '', advice: null };
}

function pageWords({ page: { secure, secureOrigin } }: Facts): Words {
  if (secure) return { level: 'good', fact: m.check_page_good(), meaning: m.check_page_good_meaning(), advice: null };
  const advice = secureOrigin === null ? m.check_page_bad_advice() : m.check_page_bad_advice_origin({ origin: secureOrigin });
  return { level: 'bad', fact: m.check_page_bad(), meaning: m.check_page_bad_meaning(), advice };
}

function storageWords({ storage, share, page: { secure, secureOrigin } }: Facts): Words {
  const { works = false, full = false, serviceWorker = false, freeBytes = null } = storage ?? {};
  if (!works) {
    return {
      level: 'bad',
      fact: m.check_storage_refused(),
      meaning: m.check_storage_refused_meaning(),
      advice: secure ? m.check_storage_refused_advice() : null,
    };
  }
  const isLittle = freeBytes !== null && freeBytes < littleBytes;
  // Chromium says that 10 GiB are free also where nothing is.
  if (full || share?.noRoom === true || isLittle) {
    const fact = isLittle ? m.check_storage_full({ free: size(freeBytes) }) : m.check_storage_none();
    return { level: 'bad', fact, meaning: m.check_storage_full_meaning(), advice: m.check_storage_full_advice() };
  }
  const fact = freeBytes === null ? m.check_storage_good_unknown() : m.check_storage_good({ free: size(freeBytes) });
  if (serviceWorker) return { level: 'good', fact, meaning: m.check_storage_good_meaning(), advice: null };
  // The line of the page says what to do there: neither a reload nor a certificate would help.
  if (!secure) return { level: 'note', fact: m.check_service_worker(), meaning: m.check_service_worker_insecure(), advice: null };
  const advice =
    secureOrigin === null ? m.check_service_worker_advice() : m.check_service_worker_advice_trust({ address: `${secureOrigin}/trust` });
  return { level: 'note', fact: m.check_service_worker(), meaning: m.check_service_worker_meaning(), advice };
}

function trackerWords({ tracker, page: { online } }: Facts): Words {
  const { host = '', roundTripMs = null } = tracker ?? {};
  if (roundTripMs === null) {
    const advice = online ? m.check_tracker_bad_advice() : m.check_tracker_bad_advice_offline();
    return { level: 'bad', fact: m.check_tracker_bad({ host }), meaning: m.check_tracker_bad_meaning(), advice };
  }
  const fact = m.check_tracker_good({ host, time: String(Math.max(1, Math.round(roundTripMs))) });
  if (roundTripMs < slowTrackerMs) return { level: 'good', fact, meaning: m.check_tracker_good_meaning(), advice: null };
  return { level: 'note', fact, meaning: m.check_tracker_slow_meaning(), advice: m.check_tracker_slow_advice() };
}

function networkWords({ stunServers, hosts, reflexive, symmetric }: NetworkFacts, relay: RelayFacts | null): Words {
  const advice = relay?.answers === true ? m.check_network_advice_relay() : m.check_network_advice();
  if (hosts === 0 && reflexive === 0) {
    return { level: 'bad', fact: m.check_network_none(), meaning: m.check_network_none_meaning(), advice: m.check_network_none_advice() };
  }
  if (stunServers === 0) return { level: 'good', fact: m.check_network_local(), meaning: m.check_network_local_meaning(), advice: null };
  if (reflexive === 0) return { level: 'bad', fact: m.check_network_blocked(), meaning: m.check_network_blocked_meaning(), advice };
  if (symmetric === null)
    return { level: 'good', fact: m.check_network_answers(), meaning: m.check_network_answers_meaning(), advice: null };
  if (symmetric) return { level: 'note', fact: m.check_network_symmetric(), meaning: m.check_network_symmetric_meaning(), advice };
  return { level: 'good', fact: m.check_network_good(), meaning: m.check_network_good_meaning(), advice: null };
}

function relayWords({ offered, answers, only }: RelayFacts): Words {
  if (answers) return { level: 'good', fact: m.check_relay_good(), meaning: m.check_relay_good_meaning(), advice: null };
  if (only) return { level: 'bad', fact: m.check_relay_only(), meaning: m.check_relay_only_meaning(), advice: m.check_relay_only_advice() };
  if (offered === 0) return { level: 'note', fact: m.check_relay_none(), meaning: m.check_relay_none_meaning(), advice: null };
  return { level: 'bad', fact: m.check_relay_bad(), meaning: m.check_relay_none_meaning(), advice: m.check_relay_bad_advice() };
}

function channelWords({ bytesPerSecond }: ChannelFacts): Words {
  if (bytesPerSecond === null) {
    return { level: 'bad', fact: m.check_channel_bad(), meaning: m.check_channel_bad_meaning(), advice: m.check_channel_bad_advice() };
  }
  const fact = m.check_channel_good({ rate: rate(bytesPerSecond) });
  if (bytesPerSecond >= slowChannelBytes) return { level: 'good', fact, meaning: m.check_channel_good_meaning(), advice: null };
  return { level: 'note', fact, meaning: m.check_channel_slow_meaning(), advice: m.check_channel_slow_advice() };
}

function shareWords(share: ShareFacts, facts: Facts): Words {
  const { connected, relayed, connecting, seeds, leeches, mine, paused, unavailableBytes } = share;
  if (paused)
    return { level: 'note', fact: m.check_share_paused(), meaning: m.check_share_paused_meaning(), advice: m.check_share_paused_advice() };
  if (connected > 0) {
    const fact = m.check_share_connected({ count: connected, relayed: String(relayed) });
    if (mine || unavailableBytes === 0) return { level: 'good', fact, meaning: m.check_share_connected_meaning(), advice: null };
    const meaning = m.check_share_unavailable_meaning({ size: size(unavailableBytes) });
    return { level: 'note', fact, meaning, advice: m.check_share_nobody_advice() };
  }
  if (seeds === null || leeches === null) {
    const advice = facts.tracker?.roundTripMs === null ? m.check_share_unknown_advice() : null;
    return { level: 'note', fact: m.check_share_unknown(), meaning: m.check_share_unknown_meaning(), advice };
  }
  const found = seeds + leeches;
  if (found === 0) {
    const advice = mine ? m.check_share_nobody_advice_mine() : m.check_share_nobody_advice();
    return { level: 'note', fact: m.check_share_nobody(), meaning: m.check_share_nobody_meaning(), advice };
  }
  if (connecting > 0)
    return {
      level: 'running',
      fact: m.check_share_connecting({ count: found, connecting: String(connecting) }),
      meaning: '',
      advice: null,
    };
  return { level: 'bad', fact: m.check_share_unreached({ count: found }), ...reasonOf(facts) };
}

/** Why nobody who is there could be reached. */
function reasonOf({ channel, network, relay }: Facts): Pick<Verdict, 'meaning' | 'advice'> {
  if (channel?.bytesPerSecond === null) return { meaning: m.check_channel_bad_meaning(), advice: m.check_channel_bad_advice() };
  const strict = network !== null && network.stunServers > 0 && (network.symmetric === true || network.reflexive === 0);
  const advice = relay?.answers === true ? m.check_share_unreached_advice_wait() : m.check_network_advice();
  return { meaning: strict ? m.check_share_unreached_strict() : m.check_share_unreached_meaning(), advice };
}
