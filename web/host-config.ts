import { maxTrackers } from '../shared/limits.ts';

/** What the page asks of the server that served it. */

/** The tracker of the server that served this page. */
export function ownTracker(): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/announce`;
}

export interface HostConfig {
  readonly iceServers: readonly RTCIceServer[];
  /** Announced to and written into every link: this server's tracker first, then the ones that its host added. */
  readonly trackers: readonly string[];
  /** The host keeps a public list of shares. */
  readonly catalogue: boolean;
}

/** The engine waits for this answer, and without STUN people in one network still reach each other. */
const answerMs = 1_500;

export async function fetchHostConfig(): Promise<HostConfig> {
  const { iceServers, trackers, catalogue = false } = await askServer();
  return { iceServers, trackers: [...new Set([ownTracker(), ...trackers])].slice(0, maxTrackers), catalogue: catalogue === true };
}

/** A quarter of the day that a TURN credential lasts: three requests may fail. */
const refreshMs = 6 * 60 * 60 * 1000;

/** The ICE servers as last told, beginning with these: asked for again while the page is open, because their credentials end. */
export function keepFresh(first: readonly RTCIceServer[]): () => readonly RTCIceServer[] {
  let latest = first;
  setInterval(async () => {
    const { iceServers } = await askServer();
    if (iceServers.length > 0) latest = iceServers;
  }, refreshMs);
  return () => latest;
}

interface ServerAnswer {
  readonly iceServers: readonly RTCIceServer[];
  readonly trackers: readonly string[];
  readonly catalogue?: unknown;
}

async function askServer(): Promise<ServerAnswer> {
  const nothing: ServerAnswer = { iceServers: [], trackers: [] };
  try {
    const response = await fetch('/api/ice', { signal: AbortSignal.timeout(answerMs), credentials: 'omit' });
    const answer: unknown = response.ok ? await response.json() : null;
    return isServerAnswer(answer) ? answer : nothing;
  } catch {
    // The server is away (the app came out of the cache): goes on without STUN, as said above.
    return nothing;
  }
}

function isServerAnswer(answer: unknown): answer is ServerAnswer {
  if (typeof answer !== 'object' || answer === null) return false;
  return 'iceServers' in answer && Array.isArray(answer.iceServers) && 'trackers' in answer && Array.isArray(answer.trackers);
}
