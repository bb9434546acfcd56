import type { Notice } from '../../bridge/protocol.ts';
import type { HeldFiles } from '../session/held-files.ts';
import { LeaderLink } from './leader-link.ts';
import type { TabName, TabWord } from './messages.ts';

/** The leader answers within a turn of its event loop. */
const beatMs = 500;

/** So many beats without an answer, and the leader counts as frozen. People look at a visible tab; a hidden one leaves it to that. */
const missedBeats = { visible: 4, hidden: 10 } as const;

/** Hidden tabs do not all take the lead at once. */
const mostJitterBeats = 4;

export interface LeaderSearchOptions {
  readonly name: TabName;
  readonly held: HeldFiles;
  readonly isVisible: () => boolean;
  readonly say: (word: TabWord) => void;
  readonly notify: (notice: Notice) => void;
  /** This tab leads the calls of its page there from now on. `held`: the shares whose files the leader holds. */
  readonly found: (link: LeaderLink, held: readonly string[]) => void;
  /** The leader is gone from the link, or another one leads. */
  readonly left: () => void;
  /** It is this tab's turn: the leader gives no answer, is about to be frozen, or runs an older version and has handed its files over. */
  readonly due: () => void;
  /** The leader runs a newer version. */
  readonly outdated: () => void;
}

/** A tab that does not lead: finds the leader, follows it, and notices when it falls silent. */
export class LeaderSearch {
  readonly #options: LeaderSearchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #jitterBeats = Math.floor(Math.random() * mostJitterBeats);
  #link: LeaderLink | null = null;
  #missed = 0;
  #freezingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LeaderSearchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), beatMs);
    this.#hello(null);
  }

  hear(word: TabWord): void {
    if (word.kind === 'freezing' && word.tab === this.#link?.leader) this.#freezing(word.tab);
    if (word.kind !== 'lead') return;
    this.#missed = 0;
    if (word.tab !== this.#link?.leader) this.#follow(word);
  }

  /** Hidden tabs do not all take the lead at once: each would start an engine. Who comes first says `lead`. */
  #freezing(leader: string): void {
    if (this.#options.isVisible()) return this.#options.due();
    clearTimeout(this.#freezingTimer);
    this.#freezingTimer = setTimeout(() => this.#link?.leader === leader && this.#options.due(), Math.random() * 2 * beatMs);
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#freezingTimer);
    this.#link?.close();
  }

  #follow(leader: TabName): void {
    if (this.#link !== null) this.#options.left();
    this.#link?.close();
    const { name, held, notify, found, due, outdated } = this.#options;
    const sameVersion = leader.version === name.version;
    // The tab that was opened first has the older version.
    const isNewer = !sameVersion && name.since > leader.since;
    this.#link = new LeaderLink({
      leader: leader.tab,
      own: name.tab,
      held,
      notify: (notice) => sameVersion && notify(notice),
      welcomed: (link, theirs) => sameVersion && found(link, theirs),
      handed: () => isNewer && due(),
      heard: () => (this.#missed = 0),
    });
    this.#hello(leader.tab);
    if (!sameVersion && !isNewer) outdated();
  }

  #beat(): void {
    const { isVisible, due } = this.#options;
    const most = isVisible() ? missedBeats.visible : missedBeats.hidden + this.#jitterBeats;
    if (this.#missed++ >= most) {
      this.#missed = 0;
      return due();
    }
    if (this.#link === null) this.#hello(null);
    else this.#link.beat();
  }

  #hello(leader: string | null): void {
    this.#options.say({ kind: 'hello', ...this.#options.name, leader });
  }
}
