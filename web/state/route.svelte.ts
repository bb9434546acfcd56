import { readShortLink } from '../../shared/torrent/magnet/short-link.ts';
import { decoded } from './decoded.ts';

/** The view in the address, and the switches before its fragment. */
export type Route =
  | { readonly view: 'home' }
  /** A magnet link in the fragment, as it was given, or the one that a short link stands for. */
  | { readonly view: 'link'; readonly link: string }
  /** By its info hash; by its local id while it has none. */
  | { readonly view: 'torrent'; readonly id: string }
  | { readonly view: 'catalogue' }
  | { readonly view: 'library' }
  | { readonly view: 'settings' }
  /** With what is simulated, as a query (`web/lab/lab-settings.ts`). */
  | { readonly view: 'lab'; readonly query: string };

export type SaveMethod = 'picker' | 'stream' | 'blob';

export function routeOf(hash: string): Route {
  const fragment = hash.startsWith('#') ? hash.slice(1) : hash;
  if (/^magnet:/i.test(fragment)) return { view: 'link', link: fragment };
  // Some messengers percent-encode the whole fragment.
  if (/^magnet%3a/i.test(fragment)) return { view: 'link', link: decoded(fragment) };
  const short = readShortLink(fragment);
  if (short !== null) return { view: 'link', link: short };
  const [, view, id] = /^\/(catalogue|library|settings|torrent)(?:\/([\w-]+))?$/.exec(fragment) ?? [];
  const [isLab, query = ''] = /^\/lab(?:\?(.{0,500}))?$/.exec(fragment) ?? [];
  if (isLab !== undefined) return { view: 'lab', query };
  if (view === 'torrent') return id === undefined ? { view: 'home' } : { view, id };
  if (view === 'catalogue' || view === 'library' || view === 'settings') return { view };
  return { view: 'home' };
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case 'home':
      return '#/';
    case 'link':
      return `#${route.link}`;
    case 'torrent':
      return `#/torrent/${route.id}`;
    case 'lab':
      return route.query === '' ? '#/lab' : `#/lab?${route.query}`;
    default:
      return `#/${route.view}`;
  }
}

export function saveMethodOf(search: string): SaveMethod | null {
  const way = new URLSearchParams(search).get('save');
  return way === 'picker' || way === 'stream' || way === 'blob' ? way : null;
}

export function autostartOf(search: string): boolean {
  return new URLSearchParams(search).get('autostart') === '1';
}

/** `?rtc=relay` sends every byte over a port of the page, as browsers do that cannot transfer a channel. */
export function relayAsked(search: string): boolean {
  return new URLSearchParams(search).get('rtc') === 'relay';
}

/** `?ice=relay` connects through a TURN server alone. */
export function transportPolicyOf(search: string): RTCIceTransportPolicy {
  return new URLSearchParams(search).get('ice') === 'relay' ? 'relay' : 'all';
}

/** The page's address as a rune. */
export class Router {
  route: Route = $state.raw(routeOf(location.hash));
  readonly #autostart = autostartOf(location.search);
  readonly #mayAutostart: () => boolean;
  readonly saveMethod = saveMethodOf(location.search);
  /** Called after the address changed. */
  onChange: () => void = () => undefined;

  /** `mayAutostart`: whether a link may start its own download. */
  constructor(mayAutostart: () => boolean) {
    this.#mayAutostart = mayAutostart;
    addEventListener('hashchange', () => {
      this.route = routeOf(location.hash);
      this.onChange();
    });
  }

  /** `?autostart=1` in the address, where that counts: a stranger's link must not fill the disk. */
  get autostart(): boolean {
    return this.#autostart && this.#mayAutostart();
  }

  go(route: Route): void {
    location.hash = hashOf(route);
  }

  /** The same place under another name (a share that has its info hash now): no step for the Back button. */
  replace(route: Route): void {
    history.replaceState(null, '', hashOf(route));
    this.route = route;
  }
}
