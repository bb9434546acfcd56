/** What the page asks of the server that served it. */

/** Announced to, and written into every link: the tracker is where the app came from. */
export function ownTracker(): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/announce`;
}

/** The engine waits for this answer, and without STUN people in one network still reach each other. */
const iceMs = 1_500;

export async function fetchIceServers(): Promise<readonly RTCIceServer[]> {
  try {
    const response = await fetch('/api/ice', { signal: AbortSignal.timeout(iceMs), credentials: 'omit' });
    const answer: unknown = response.ok ? await response.json() : null;
    return isIceAnswer(answer) ? answer.iceServers : [];
  } catch {
    // The server is away (the app came out of the cache): goes on without STUN, as said above.
    return [];
  }
}

function isIceAnswer(answer: unknown): answer is { iceServers: RTCIceServer[] } {
  return typeof answer === 'object' && answer !== null && 'iceServers' in answer && Array.isArray(answer.iceServers);
}
