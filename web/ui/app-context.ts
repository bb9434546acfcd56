import { createContext } from 'svelte';
import type { EngineMirror } from '../state/engine-mirror.svelte.ts';
import type { HostOffers } from '../state/host-offers.svelte.ts';
import type { InstallOffer } from '../state/install-offer.svelte.ts';
import type { PageLanguage } from '../language/page-language.svelte.ts';
import type { Router } from '../state/route.svelte.ts';
import type { Settings } from '../state/settings.svelte.ts';
import type { Clock } from './text/clock.svelte.ts';
import type { TorrentAdder } from './home/torrent-adder.svelte.ts';

/** What every view can read and control. */
export interface AppContext {
  readonly engine: EngineMirror;
  readonly router: Router;
  readonly settings: Settings;
  readonly language: PageLanguage;
  readonly offers: HostOffers;
  readonly install: InstallOffer;
  readonly adder: TorrentAdder;
  readonly clock: Clock;
}

export const [appContext, provideApp] = createContext<AppContext>();
