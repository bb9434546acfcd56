import { toHex } from '../../../shared/bytes.ts';
import { failureOf } from '../../../shared/failure.ts';
import { everyTab } from '../../bridge/other-tabs.ts';
import type { Notice, StartOptions, ToPage, ToWorker } from '../../bridge/protocol.ts';
import { answerCall, runCall } from '../../bridge/worker-server.ts';
import { Engine, type EngineView } from '../engine.ts';
import { sleep } from '../lib/timing.ts';
import { shownAfterMs } from '../session/session.ts';
import { HeldFiles } from '../session/held-files.ts';
import { Election, type Candidate } from './election.ts';
import { Followers } from './followers.ts';
import type { LeaderLink } from './leader-link.ts';
import { LeaderSearch } from './leader-search.ts';
import { presenceLock, readTabWord, type TabName, type TabWord } from './messages.ts';
import { PageCalls } from './page-calls.ts';
import { Role } from './role.ts';
import { logged } from '../../logged.ts';

/** Torrents open within a second; a database that does not answer must not hold up the others. */
const mostRestoreMs = 3000;

/** Whoever made this Worker. */
interface PagePort {
  postMessage(message: ToPage): void;
}

/** The engine of this Worker. */
class OwnEngine extends Role {
  readonly #view: EngineView;

  constructor(view: EngineView) {
    super();
    this.#view = view;
  }

  override ids(): readonly string[] {
    return this.#view.session().ids();
  }

  override async run(call: string, args: readonly unknown[]): Promise<unknown> {
    return runCall(this.#view, call, args);
  }
}

/**
 * The Worker of one tab. Of all tabs of a browser one leads: its engine runs, its page makes the connections. The others follow: their Workers
 * pass calls on to the leader and notices back, and hold the files that were shared, so that any of them can lead next.
 */
export class Tab implements Candidate {
  readonly #page: PagePort;
  readonly #name: TabName = { tab: newTab(), version: version(), since: Math.round(performance.timeOrigin) };
  readonly #held = new HeldFiles();
  readonly #engine: Engine;
  readonly #view: EngineView;
  readonly #calls: PageCalls;
  readonly #election = new Election(this);
  /** `null` where the browser refuses one: this tab then works alone. */
  readonly #channel: BroadcastChannel | null = openChannel();
  #search: LeaderSearch | null = null;
  #followers: Followers | null = null;
  #isVisible = true;
  #hasFailed = false;
  #suspect: string | null = null;

  constructor(page: PagePort) {
    this.#page = page;
    this.#engine = new Engine({
      order: (rtc) => page.postMessage({ rtc }),
      stepping: (stepping) => page.postMessage({ stepping }),
      held: this.#held,
    });
    this.#view = this.#engine.open(page);
    this.#calls = new PageCalls(this.#name.tab, this.#view, this.#held);
    if (this.#channel === null) return;
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(readTabWord(data));
  }

  /** What the page posts. */
  readonly onmessage = ({ data: message }: MessageEvent<ToWorker>): void => {
    if ('rtc' in message) return this.#engine.report(message.rtc);
    if ('beat' in message) return this.#notify({ kind: 'beat', number: message.beat });
    void answerCall(
      message,
      () => this.#run(message.call, message.args),
      (reply) => this.#page.postMessage(reply),
    );
  };

  async gained(alone: boolean): Promise<void> {
    const tookOver = this.#search !== null;
    this.#search?.close();
    this.#search = null;
    this.#calls.wait();
    if (!alone) this.#followers = new Followers(this.#name.tab, this.#engine, this.#held, () => this.#tellPart());
    this.#say({ kind: 'lead', ...this.#name });
    const session = await this.#engine.begin();
    this.#tellPart();
    if (alone && this.#engine.isStored) this.#notify({ kind: 'failure', failure: { code: 'tabsApart' } });
    const restored = this.#engine.restore(session, this.#suspect);
    // Pages expect torrents that are shown, calls that are asked again even such that are open.
    await Promise.race([restored, sleep(tookOver ? mostRestoreMs : shownAfterMs)]);
    this.#followers?.open(() => session.ids());
    this.#calls.use(new OwnEngine(this.#view));
    await restored;
    this.#suspect = null;
    this.#notify({ kind: 'torrents', ids: session.ids() });
  }

  async lost(): Promise<void> {
    this.#followers?.close();
    this.#followers = null;
    this.#calls.wait();
    this.#follow();
    this.#tellPart();
    await this.#engine.end();
  }

  failed(error: unknown): void {
    this.#hasFailed = true;
    this.#notify({ kind: 'failure', failure: failureOf(error, 'engineCrashed') });
  }

  #run(call: string, args: readonly unknown[]): Promise<unknown> {
    if (call === 'start') return this.#start(args[0] as StartOptions);
    if (call === 'visible') this.#isVisible = args[0] === true;
    return this.#calls.run(call, args);
  }

  async #start({ preferences, trackers, suspect }: StartOptions): Promise<readonly string[]> {
    this.#engine.usePreferences(preferences);
    this.#engine.useTrackers(trackers);
    this.#suspect = suspect;
    await this.#bePresent();
    if (!(await this.#stand())) this.#follow();
    return this.#calls.through(async (role) => role.ids());
  }

  async #stand(): Promise<boolean> {
    try {
      return await this.#election.stand();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Resolves once the lock is held that tells the leader whether this tab is still there. */
  #bePresent(): Promise<void> {
    if (!('locks' in navigator)) return Promise.resolve();
    return new Promise((resolve) => {
      const held = navigator.locks.request(presenceLock(this.#name.tab), () => {
        resolve();
        return new Promise<never>(() => undefined);
      });
      // Refused: the election learns the same.
      held.catch(() => resolve());
    });
  }

  #follow(): void {
    this.#search ??= new LeaderSearch({
      name: this.#name,
      held: this.#held,
      isVisible: () => this.#isVisible,
      say: (word) => this.#say(word),
      notify: (notice) => this.#notify(notice),
      found: (link, held) => this.#found(link, held),
      left: () => this.#calls.wait(),
      due: () => this.#takeLead(),
      outdated: () => this.#notify({ kind: 'failure', failure: { code: 'tabOutdated' } }),
    });
  }

  /** An engine that failed to start here is not tried again. */
  #takeLead(): void {
    if (this.#hasFailed) return;
    this.#election.steal().catch((error: unknown) => this.failed(error));
  }

  #found(link: LeaderLink, theirs: readonly string[]): void {
    this.#calls.use(link);
    this.#notify({ kind: 'torrents', ids: link.ids() });
    this.#tellPart();
    const known = new Set(link.ids());
    const lacking = this.#held.ids.filter((id) => !theirs.includes(id));
    for (const id of lacking) {
      const share = this.#held.get(id);
      if (share !== undefined) void logged('Files of this tab were not handed on', this.#calls.hand(id, share, known.has(id)));
    }
    if (this.#suspect !== null) void logged('The engine was not told of a lost tab', link.run('suspect', [this.#suspect]));
    this.#suspect = null;
  }

  #hear(word: TabWord | null): void {
    if (word === null || word.tab === this.#name.tab) return;
    if (this.#followers === null) this.#search?.hear(word);
    else if (word.kind === 'hello' && this.#election.holdsLock) this.#greet(word, word.leader);
  }

  /** Another tab looks for the leader, which is this one. */
  #greet(tab: TabName, leader: string | null): void {
    if (leader !== this.#name.tab) return this.#say({ kind: 'lead', ...this.#name });
    this.#followers?.welcome(tab.tab, tab.version === this.#name.version);
  }

  #tellPart(): void {
    const follows = this.#search !== null;
    this.#notify({ kind: 'tabs', tab: this.#name.tab, leads: !follows, covered: follows || this.#followers?.cover === true });
  }

  #say(word: TabWord): void {
    this.#channel?.postMessage(word);
  }

  #notify(notice: Notice): void {
    this.#page.postMessage({ notice });
  }
}

function newTab(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(8)));
}

/** The build gives this script a name with a hash of its content. A script made of a Blob has none. */
function version(): string {
  return location.protocol === 'blob:' ? '' : location.pathname;
}

function openChannel(): BroadcastChannel | null {
  try {
    return new BroadcastChannel(everyTab);
  } catch {
    // Browsers that refuse storage to this page refuse this, too: each tab then has an engine of its own.
    return null;
  }
}
