import type { TrackerFacts } from './facts.ts';

/** Slower than this it is of no use to anyone who waits. */
const answerMs = 6000;

const hashLength = 20;

/** Opens a connection of its own to the tracker and asks about an info hash that nobody has. */
export async function checkTracker(url: string): Promise<TrackerFacts> {
  const { host } = new URL(url);
  return { host, roundTripMs: await roundTripMs(url) };
}

function roundTripMs(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const late = setTimeout(() => end(null), answerMs);
    let askedAtMs = 0;
    function end(result: number | null): void {
      clearTimeout(late);
      socket.close();
      resolve(result);
    }
    socket.onerror = () => end(null);
    socket.onclose = () => end(null);
    socket.onopen = () => {
      askedAtMs = performance.now();
      socket.send(JSON.stringify({ action: 'scrape', info_hash: anyHash() }));
    };
    socket.onmessage = () => end(performance.now() - askedAtMs);
  });
}

function anyHash(): string {
  return String.fromCharCode(...crypto.getRandomValues(new Uint8Array(hashLength)));
}
