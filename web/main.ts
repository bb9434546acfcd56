import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/base.css';
import App from './App.svelte';
import { missingAbility } from './abilities.ts';
import { loadedAgain } from './load-again.ts';
import { loaded } from './part.ts';
import { createEngineWorker, registerServiceWorker } from './bridge/trusted-scripts.ts';
import { HostConfigClient } from './host-config.ts';
import { languageStarted } from './language/start.ts';
import { EngineMirror } from './state/engine-mirror.svelte.ts';
import type { MakeHost } from './state/connection/page-connections.ts';
import { HostOffers } from './state/host-offers.svelte.ts';
import { InstallOffer } from './state/install-offer.svelte.ts';
import { followSavedFiles } from './state/saved-files.ts';
import { relayAsked, Router, transportPolicyOf } from './state/route.svelte.ts';
import { newName } from './ui/people/peer-names.ts';
import { PageLanguage } from './language/page-language.svelte.ts';
import { Settings } from './state/settings.svelte.ts';
import { certificatesOf, ownCertificate } from './rtc/certificate.ts';
import { keepAppFiles } from './bridge/app-files.ts';

const missing = missingAbility(globalThis);

const hostConfig = new HostConfigClient();
const settings = new Settings();
const install = new InstallOffer();
// Made once, so that others recognise this browser when it returns.
settings.ownName ??= newName();
const engine = missing === null ? createEngine() : null;
void engine?.start();
void languageStarted.then(() => {
  const language = new PageLanguage();
  mount(App, {
    target: document.querySelector('#app') ?? document.body,
    props: {
      engine,
      missing,
      router: new Router(() => navigator.webdriver || settings.autostart),
      settings,
      language,
      offers: new HostOffers(hostConfig),
      install,
    },
  });
  // Without it only streamed saving and starting without the server are missing; saving then works another way.
  if ('serviceWorker' in navigator && import.meta.env.PROD) {
    const registered = registerServiceWorker();
    language.onChange(
      (spoken) =>
        void registered.then(
          () => keepAppFiles(spoken),
          () => undefined,
        ),
    );
  }
});
settings.followOtherTabs(({ relayOnly, iceServers }) => {
  engine?.usePreferences();
  void engine?.useTrackers(withOwn(hostConfig.current.trackers));
  const isOther = JSON.stringify([settings.relayOnly, settings.iceServers]) !== JSON.stringify([relayOnly, iceServers]);
  if (isOther) void engine?.reconnectPeers();
});
followSavedFiles(() => engine?.torrents.forEach((torrent) => torrent.readSaved()));
document.addEventListener('freeze', () => engine?.freeze());
// Offers made before a late answer know no STUN and no TURN server.
hostConfig.onAnswer((_, late) => late && engine?.online());

/** The person's own trackers come last. */
function withOwn(trackers: readonly string[]): readonly string[] {
  return [...trackers, ...settings.trackers];
}

function createEngine(): EngineMirror {
  return new EngineMirror({
    makePort: createEngineWorker,
    host: loadHost(),
    trackers: withOwn(hostConfig.current.trackers),
    allTrackers: hostConfig.firstAnswer.then(({ trackers }) => withOwn(trackers)),
    preferences: () => settings.preferences,
  });
}

async function loadHost(): Promise<MakeHost> {
  const [{ RtcHost }, certificate] = await Promise.all([
    loaded(loadedAgain(() => import('./rtc/host.ts'))),
    ownCertificate(),
    hostConfig.settled,
  ]);
  const options = {
    iceServers: () => [...hostConfig.current.iceServers, ...settings.iceServers],
    iceTransportPolicy: () => (settings.relayOnly ? 'relay' : transportPolicyOf(location.search)),
    certificates: () => certificatesOf(certificate, Date.now()),
    relay: relayAsked(location.search),
  };
  return (post) => {
    const host = new RtcHost({ post, ...options });
    // Peers notice a page that left without closing its connections only after 10 s.
    addEventListener('pagehide', () => host.close());
    return host;
  };
}
