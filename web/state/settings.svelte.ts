import { isIceServerUrl } from '../../shared/ice-server.ts';
import type { WebSeedPolicy } from '../../shared/swarm/events.ts';
import { maxNameCharacters } from '../../shared/limits.ts';
import type { KeepCopy, Preferences, SpeedLimits } from '../bridge/preferences.ts';

export type Appearance = 'auto' | 'light' | 'dark';

const appearances: readonly Appearance[] = ['auto', 'light', 'dark'];
const keepCopies: readonly KeepCopy[] = ['auto', 'yes', 'no'];
const webSeedPolicies: readonly WebSeedPolicy[] = ['gaps', 'always', 'never'];

const storageKey = 'tabswarm.settings';

/** Whole bytes a second, at least one; anything else is no limit. */
function limitOf(text: string | null): number | null {
  const bytes = Number(text);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

function linesOf(text: string | null): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

/** A line as a person writes it: address, and of a relay name and password. */
function iceServerOf(line: string): RTCIceServer {
  const [urls = '', username, credential] = line.split(' ');
  return username === undefined || credential === undefined ? { urls } : { urls, username, credential };
}

/** The opposite of {@link iceServerOf}. */
export function iceServerLine({ urls, username, credential }: RTCIceServer): string {
  return [urls, username, credential].filter(Boolean).join(' ');
}

/** As it is sent: others cut it there. */
function nameOf(name: string | null): string | null {
  return name === null ? null : Array.from(name.trim()).slice(0, maxNameCharacters).join('');
}

/** What a person chose for this browser; kept in localStorage where the browser allows it. */
export class Settings {
  #appearance: Appearance = $state('auto');
  #keepCopy: KeepCopy = $state('auto');
  #webSeeds: WebSeedPolicy = $state('gaps');
  #relayOnly = $state(false);
  #autostart = $state(false);
  #gentle = $state(false);
  #notify = $state(false);
  #limits: SpeedLimits = $state.raw({ down: null, up: null });
  #ownName: string | null = $state(null);
  #trackers: readonly string[] = $state.raw([]);
  #iceServers: readonly RTCIceServer[] = $state.raw([]);
  /** False where the browser refuses storage: the settings then hold until the tab is closed. */
  kept = $state(true);

  constructor() {
    this.#load();
  }

  /** What is chosen in another tab of this browser holds here, too. `changed` is called with what was chosen before. */
  followOtherTabs(changed: (before: Pick<Settings, 'relayOnly' | 'iceServers'>) => void): void {
    addEventListener('storage', ({ key }) => {
      if (key !== storageKey) return;
      const before = { relayOnly: this.#relayOnly, iceServers: this.#iceServers };
      this.#load();
      changed(before);
    });
  }

  #load(): void {
    const stored = this.#read();
    this.#appearance = appearances.find((appearance) => appearance === stored.get('appearance')) ?? 'auto';
    this.#keepCopy = keepCopies.find((keepCopy) => keepCopy === stored.get('keepCopy')) ?? 'auto';
    this.#webSeeds = webSeedPolicies.find((policy) => policy === stored.get('webSeeds')) ?? 'gaps';
    this.#relayOnly = stored.get('relayOnly') === 'yes';
    this.#autostart = stored.get('autostart') === 'yes';
    this.#gentle = stored.get('gentle') === 'yes';
    this.#notify = stored.get('notify') === 'yes';
    this.#limits = { down: limitOf(stored.get('limitDown')), up: limitOf(stored.get('limitUp')) };
    this.#ownName = nameOf(stored.get('ownName'));
    this.#trackers = linesOf(stored.get('trackers'));
    // What was accepted before browsers refused it keeps no page from connecting.
    const lines = linesOf(stored.get('iceServers')).filter((line) => isIceServerUrl(line.split(' ')[0] ?? ''));
    this.#iceServers = lines.map(iceServerOf);
    this.#show();
  }

  get appearance(): Appearance {
    return this.#appearance;
  }

  set appearance(appearance: Appearance) {
    this.#appearance = appearance;
    this.#show();
    this.#write();
  }

  get keepCopy(): KeepCopy {
    return this.#keepCopy;
  }

  set keepCopy(keepCopy: KeepCopy) {
    this.#keepCopy = keepCopy;
    this.#write();
  }

  get webSeeds(): WebSeedPolicy {
    return this.#webSeeds;
  }

  set webSeeds(policy: WebSeedPolicy) {
    this.#webSeeds = policy;
    this.#write();
  }

  /** Connects only through a relay, which hides this browser's IP address from peers. */
  get relayOnly(): boolean {
    return this.#relayOnly;
  }

  set relayOnly(relayOnly: boolean) {
    this.#relayOnly = relayOnly;
    this.#write();
  }

  /** A link may start its download without a click (`?autostart=1`). Off, because a stranger's link could then fill the disk. */
  get autostart(): boolean {
    return this.#autostart;
  }

  set autostart(autostart: boolean) {
    this.#autostart = autostart;
    this.#write();
  }

  /** Transfers give way to whatever else uses this person's line. */
  get gentle(): boolean {
    return this.#gentle;
  }

  set gentle(gentle: boolean) {
    this.#gentle = gentle;
    this.#write();
  }

  /** Tells the person what happens while they look elsewhere. */
  get notify(): boolean {
    return this.#notify;
  }

  set notify(notify: boolean) {
    this.#notify = notify;
    this.#write();
  }

  /** Of all torrents together. */
  get limits(): SpeedLimits {
    return this.#limits;
  }

  set limits(limits: SpeedLimits) {
    this.#limits = limits;
    this.#write();
  }

  /** What the people connected see; empty: a name made from the peer id. `null` in a browser that never had one. */
  get ownName(): string | null {
    return this.#ownName;
  }

  set ownName(name: string | null) {
    this.#ownName = nameOf(name);
    this.#write();
  }

  /** Announced to beside those of this page. */
  get trackers(): readonly string[] {
    return this.#trackers;
  }

  set trackers(trackers: readonly string[]) {
    this.#trackers = trackers;
    this.#write();
  }

  /** STUN and TURN servers beside those of this page. */
  get iceServers(): readonly RTCIceServer[] {
    return this.#iceServers;
  }

  set iceServers(servers: readonly RTCIceServer[]) {
    this.#iceServers = servers;
    this.#write();
  }

  get preferences(): Preferences {
    return { webSeeds: this.#webSeeds, limits: this.#limits, gentle: this.#gentle, ownName: this.#ownName ?? '', keepCopy: this.#keepCopy };
  }

  #show(): void {
    document.documentElement.dataset['appearance'] = this.#appearance;
  }

  #read(): URLSearchParams {
    try {
      return new URLSearchParams(localStorage.getItem(storageKey) ?? '');
    } catch {
      // Reading `localStorage` throws where a browser refuses storage to the page.
      this.kept = false;
      return new URLSearchParams();
    }
  }

  #write(): void {
    const chosen = {
      appearance: this.#appearance,
      keepCopy: this.#keepCopy,
      webSeeds: this.#webSeeds,
      relayOnly: this.#relayOnly ? 'yes' : 'no',
      autostart: this.#autostart ? 'yes' : 'no',
      gentle: this.#gentle ? 'yes' : 'no',
      notify: this.#notify ? 'yes' : 'no',
      limitDown: String(this.#limits.down ?? ''),
      limitUp: String(this.#limits.up ?? ''),
      trackers: this.#trackers.join('\n'),
      iceServers: this.#iceServers.map(iceServerLine).join('\n'),
      ...(this.#ownName === null ? {} : { ownName: this.#ownName }),
    };
    try {
      localStorage.setItem(storageKey, new URLSearchParams(chosen).toString());
    } catch {
      this.kept = false;
    }
  }
}
