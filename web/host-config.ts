import { maxTrackers } from '../shared/limits.ts';

/** The tracker is where the app came from. */
export function ownTracker(): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/announce`;
}

/** What the server that served this page offers it. */
export interface HostConfig {
  readonly iceServers: readonly RTCIceServer[];
  /** Announced to and written into every link: this server's tracker first, then the ones that its host added. */
  readonly trackers: readonly string[];
  /** The host keeps a public list of shares. */
  readonly catalogue: boolean;
  /** Where other devices of the host's network reach this page; `null` where the host has not said so (`--lan`). */
  readonly lanOrigin: string | null;
}

/** Connections wait this long for the first answer. Without STUN people in one network still reach each other. */
const firstAnswerMs = 1500;

/** A server that has not answered by then is asked again. */
const answerMs = 10_000;

/** After a question without an answer, twice as long each time. */
const retryMs = 1000;
const maxRetryMs = 60_000;

/** A quarter of the day that a TURN credential lasts: three requests may fail. */
const refreshMs = 6 * 60 * 60 * 1000;

/** Asks the server for its offers until it answers, and again before TURN credentials end, as long as the page is open. */
export class HostConfigClient {
  readonly #ask: (signal: AbortSignal) => Promise<unknown>;
  readonly #listeners: ((config: HostConfig, late: boolean) => void)[] = [];
  #current: HostConfig = { iceServers: [], trackers: [ownTracker()], catalogue: false, lanOrigin: null };
  #answers = 0;
  #isLate = false;
  /** However late it comes. */
  readonly firstAnswer: Promise<HostConfig>;
  /** Resolves with the first answer, or without one after 1.5 s. */
  readonly settled: Promise<void>;

  constructor(ask: (signal: AbortSignal) => Promise<unknown> = askServer) {
    this.#ask = ask;
    this.firstAnswer = new Promise((resolve) => this.onAnswer(resolve));
    const patience = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.#isLate = this.#answers === 0;
        resolve();
      }, firstAnswerMs);
    });
    this.settled = Promise.race([this.firstAnswer.then(() => undefined), patience]);
    void this.#keepAsking(retryMs);
  }

  /** The last answer; before the first one, what is known without the server: its tracker. */
  get current(): HostConfig {
    return this.#current;
  }

  /**
   * Called with every answer, with the last one at once where there is one: the page may be drawn after it. `late`: the first one came when
   * connections had not waited for it any more.
   */
  onAnswer(listener: (config: HostConfig, late: boolean) => void): void {
    this.#listeners.push(listener);
    if (this.#answers > 0) listener(this.#current, false);
  }

  async #keepAsking(nextRetryMs: number): Promise<void> {
    const [answer] = await Promise.allSettled([this.#ask(AbortSignal.timeout(answerMs))]);
    const isAnswer = answer.status === 'fulfilled' && isServerAnswer(answer.value);
    if (isAnswer) this.#take(answer.value as ServerAnswer);
    const nextMs = isAnswer ? refreshMs : nextRetryMs;
    setTimeout(() => void this.#keepAsking(isAnswer ? retryMs : Math.min(2 * nextRetryMs, maxRetryMs)), nextMs);
  }

  #take({ iceServers, trackers, catalogue, lanOrigin }: ServerAnswer): void {
    const all = [...new Set([ownTracker(), ...trackers])].slice(0, maxTrackers);
    this.#current = { iceServers, trackers: all, catalogue: catalogue === true, lanOrigin: originOf(lanOrigin) };
    const late = this.#isLate && this.#answers === 0;
    this.#answers++;
    for (const listener of this.#listeners) listener(this.#current, late);
  }
}

interface ServerAnswer {
  readonly iceServers: readonly RTCIceServer[];
  readonly trackers: readonly string[];
  readonly catalogue?: unknown;
  readonly lanOrigin?: unknown;
}

function originOf(value: unknown): string | null {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value).origin : null;
}

async function askServer(signal: AbortSignal): Promise<unknown> {
  const response = await fetch('/api/ice', { signal, credentials: 'omit' });
  return response.ok ? response.json() : null;
}

function isServerAnswer(answer: unknown): answer is ServerAnswer {
  if (typeof answer !== 'object' || answer === null) return false;
  return 'iceServers' in answer && Array.isArray(answer.iceServers) && 'trackers' in answer && Array.isArray(answer.trackers);
}
