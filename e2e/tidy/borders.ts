/**
 * Which folder may import which. A name is a folder (the files directly in it, not those below) or one file. What is not listed may not be
 * imported: a new folder or a new direction is a decision, and is written down here. Tests and packages are free.
 */
const base = 'shared';
const wire = ['shared/wire', 'shared/wire/extensions'];
const torrent = ['shared/torrent', 'shared/torrent/magnet'];

/** The protocol core: formats below, then the wire, then the swarm; the simulator sees all of them, and none of them sees it. */
const core = {
  shared: [],
  'shared/bencode': [base],
  'shared/wire': [base],
  'shared/wire/extensions': [base, 'shared/wire', 'shared/bencode'],
  'shared/torrent': [base, 'shared/bencode'],
  'shared/torrent/magnet': [base, 'shared/torrent'],
  'shared/tracker': [base],
};

const swarmBase = [
  base,
  ...wire,
  'shared/torrent',
  'shared/swarm/lib',
  'shared/swarm/bandwidth',
  'shared/swarm/events.ts',
  'shared/swarm/config.ts',
];

/**
 * One torrent: `peer/` is what is known of one peer, the others decide with it, `torrent.ts` composes all. What we have requested of a peer and
 * what it has requested of us are parts of its record, so `peer.ts` holds a pipeline and a queue: with `download/` and `upload/` it is one
 * subject. That circle, and `download/` with its parts `pick/` and `smart-ban/`, are the only circles of folders here.
 */
const swarm = {
  'shared/swarm/lib': [base],
  'shared/swarm/bandwidth': [base],
  'shared/swarm/peer': [
    ...swarmBase,
    'shared/swarm/download/block-key.ts',
    'shared/swarm/download/pipeline.ts',
    'shared/swarm/upload/requests/request-queue.ts',
  ],
  'shared/swarm/connections': [...swarmBase, 'shared/swarm/peer'],
  'shared/swarm/gossip': [...swarmBase, 'shared/swarm/peer'],
  'shared/swarm/strategy': [...swarmBase, 'shared/torrent/magnet', 'shared/swarm/peer'],
  'shared/swarm/upload': [
    ...swarmBase,
    'shared/swarm/strategy',
    'shared/swarm/peer',
    'shared/swarm/upload/requests',
    'shared/swarm/upload/seeding',
    'shared/swarm/upload/order/upload-order.ts',
  ],
  'shared/swarm/upload/order': [...swarmBase, 'shared/swarm/peer', 'shared/swarm/upload/seeding', 'shared/swarm/upload/turn-size.ts'],
  'shared/swarm/upload/requests': swarmBase,
  'shared/swarm/upload/seeding': swarmBase,
  'shared/swarm/download': [
    ...swarmBase,
    'shared/swarm/peer',
    'shared/swarm/download/pick',
    'shared/swarm/download/smart-ban/smart-ban.ts',
    'shared/swarm/strategy',
    'shared/swarm/gossip',
  ],
  'shared/swarm/download/metadata': [...swarmBase, 'shared/swarm/peer'],
  'shared/swarm/download/pick': [
    ...swarmBase,
    'shared/swarm/download/partial-pieces.ts',
    'shared/swarm/download/block-key.ts',
    'shared/swarm/download/pipeline.ts',
  ],
  'shared/swarm/download/smart-ban': [
    ...swarmBase,
    'shared/swarm/peer',
    'shared/swarm/download/partial-pieces.ts',
    'shared/swarm/download/pick/picker.ts',
  ],
  'shared/swarm/gentle': [...swarmBase, 'shared/swarm/peer'],
  'shared/swarm/web-seed': [...swarmBase, 'shared/swarm/peer', 'shared/swarm/download'],
  'shared/swarm': [
    ...swarmBase,
    'shared/swarm/peer',
    'shared/swarm/connections',
    'shared/swarm/upload',
    'shared/swarm/download',
    'shared/swarm/download/metadata',
    'shared/swarm/gentle',
    'shared/swarm/gossip',
    'shared/swarm/web-seed',
  ],
};

const simulated = [base, 'shared/swarm', 'shared/swarm/bandwidth', ...wire, ...torrent];

const experiments = ['shared/lab/blocks', 'shared/lab/gossip', 'shared/lab/protocols', 'shared/lab/scaling', 'shared/lab/smart-swarm'];

const simulator = {
  'shared/sim/core': simulated,
  'shared/sim/network': [...simulated, 'shared/sim/core'],
  'shared/sim/check': [...simulated, 'shared/sim/core', 'shared/sim/network'],
  'shared/sim/scenarios': [...simulated, 'shared/sim/core', 'shared/sim/network'],
  'shared/sim': [...simulated, 'shared/sim/core', 'shared/sim/network', 'shared/sim/check', 'shared/sim/scenarios'],
  'shared/lab': [...simulated, 'shared/sim', 'shared/sim/network', 'shared/sim/check', 'shared/sim/scenarios', ...experiments],
  ...Object.fromEntries(
    experiments.map((folder) => [
      folder,
      ['shared', 'shared/lab', 'shared/sim', 'shared/sim/check', 'shared/sim/network', 'shared/sim/scenarios', 'shared/swarm/config.ts'],
    ]),
  ),
};

const log = 'signal-tracker/log.ts';

/** The tracker: `swarms/` is pure and knows no socket; `compose.ts` and `main.ts` know everybody. */
const signalTracker = {
  'signal-tracker/limits': [base],
  'signal-tracker/swarms': [base, 'shared/tracker'],
  'signal-tracker/codec': [base, 'shared/tracker', 'signal-tracker/swarms'],
  'signal-tracker/cluster': [base, 'shared/tracker', 'signal-tracker/codec', 'signal-tracker/swarms'],
  'signal-tracker/http/assets': [],
  'signal-tracker/http': [base, log, 'signal-tracker/http/assets', 'signal-tracker/limits', 'web/language/languages.ts'],
  'signal-tracker/config': [base, 'signal-tracker/http', 'signal-tracker/limits'],
  'signal-tracker/sockets': [base, log, 'signal-tracker/codec', 'signal-tracker/http', 'signal-tracker/limits', 'signal-tracker/swarms'],
  'signal-tracker/lan': [
    base,
    log,
    'shared/torrent/magnet',
    'signal-tracker/config',
    'signal-tracker/http',
    'signal-tracker/http/assets',
    'signal-tracker/limits',
  ],
  'signal-tracker/web-seed': [base, log, ...torrent, 'signal-tracker/config', 'signal-tracker/http', 'signal-tracker/limits'],
  'signal-tracker/catalogue': [
    base,
    log,
    'shared/tracker',
    'signal-tracker/config',
    'signal-tracker/http',
    'signal-tracker/limits',
    'signal-tracker/swarms',
  ],
  'signal-tracker/status': [
    base,
    'signal-tracker/cluster',
    'signal-tracker/http',
    'signal-tracker/http/assets',
    'signal-tracker/sockets',
    'signal-tracker/swarms',
    'signal-tracker/web-seed',
  ],
  'signal-tracker': [
    base,
    'shared/tracker',
    'signal-tracker/catalogue',
    'signal-tracker/cluster',
    'signal-tracker/config',
    'signal-tracker/http',
    'signal-tracker/http/assets',
    'signal-tracker/lan',
    'signal-tracker/limits',
    'signal-tracker/sockets',
    'signal-tracker/status',
    'signal-tracker/swarms',
    'signal-tracker/web-seed',
  ],
};

const engineBase = [
  base,
  'shared/swarm',
  'shared/swarm/lib',
  'shared/swarm/bandwidth',
  ...wire,
  ...torrent,
  'web/bridge',
  'web/engine/interfaces.ts',
  'web/engine/lib',
  'web/logged.ts',
];
const stored = [base, 'shared/swarm/lib', 'shared/torrent', 'web/engine/lib', 'web/logged.ts'];
const storage = ['web/engine/storage', 'web/engine/storage/files', 'web/engine/storage/pieces'];

/** The Worker: its parts know the interfaces that they need of each other, `session/` puts a torrent together, `engine.ts` all of it. */
const engine = {
  'web/engine/lib': [base],
  'web/engine/driver': [...engineBase, 'shared/swarm/strategy'],
  'web/engine/links': engineBase,
  'web/engine/net': [...engineBase, 'shared/tracker', 'web/engine/links'],
  'web/engine/storage/pieces': stored,
  'web/engine/storage/files': [...stored, 'web/engine/storage/pieces'],
  'web/engine/storage': [...stored, ...storage, 'web/bridge', 'web/engine/interfaces.ts'],
  'web/engine/library': [base, ...torrent, 'web/bridge', 'web/engine/storage/pieces'],
  'web/engine/save': [...engineBase, 'web/engine/storage/pieces'],
  'web/engine/streaming': [...engineBase, 'web/engine/storage', 'web/engine/save'],
  'web/engine/snapshot': [...engineBase, 'web/engine/library', 'web/engine/storage'],
  'web/engine/publish': [...engineBase, 'web/engine/snapshot', 'web/engine/storage/files'],
  'web/engine/session': [
    ...engineBase,
    ...storage,
    'web/engine/driver',
    'web/engine/library',
    'web/engine/publish',
    'web/engine/save',
    'web/engine/snapshot',
    'web/engine/streaming',
  ],
  'web/engine/tabs': [
    base,
    'web/bridge',
    'web/engine/engine.ts',
    'web/engine/lib',
    'web/engine/library',
    'web/engine/session',
    'web/engine/snapshot/publisher.ts',
    'web/logged.ts',
  ],
  'web/engine': [
    ...engineBase,
    'shared/swarm/peer',
    'web/engine/driver',
    'web/engine/library',
    'web/engine/net',
    'web/engine/session',
    'web/engine/snapshot',
    'web/engine/storage',
    'web/engine/tabs',
  ],
};

const pageBase = [base, 'web/bridge', 'web/logged.ts', 'web/state', 'web/state/history'];
const ui = [...pageBase, 'web/ui/app-context.ts', 'web/ui/common', 'web/ui/common/canvas', 'web/ui/links', 'web/ui/text'];
/** The page: calls go down through `state/` and `bridge/`, snapshots come up; `web/ui` shows the views, and some views show parts of others. */
const page = {
  'web/lab': ['shared/lab', 'web/bridge', 'web/lab/charts', 'web/lab/settings', 'web/state', 'web/ui/text'],
  'web/lab/settings': ['shared/lab', 'shared/swarm/strategy', 'shared/torrent/magnet', 'web/ui/text'],
  'web/lab/charts': ['shared/lab', 'web/ui/common/canvas/canvas-changes.svelte.ts', 'web/ui/text'],
  'web/language': ['web/load-again.ts'],
  'web/bridge': [base, 'shared/swarm', 'web/bridge/installed/shared-items.ts', 'web/engine/worker.ts', 'web/lab/lab-worker.ts'],
  'web/bridge/installed': [],
  'web/rtc': [base, 'web/bridge'],
  'web/rtc/simple-peer': [base],
  'web/service': ['web/bridge', 'web/bridge/installed'],
  'web/state/history': [base, 'web/bridge'],
  'web/state/connection': [base, 'web/bridge'],
  'web/state': [...pageBase, 'web/language', 'web/state/connection', 'shared/swarm', 'shared/torrent/magnet'],
  'web/ui/text': [...pageBase, 'shared/torrent/magnet', 'web/language'],
  'web/ui/links': [...pageBase, 'shared/torrent/magnet', 'web/ui/text'],
  'web/ui/common': [...ui, 'web/part.ts'],
  'web/ui/common/canvas': [],
  'web/check': [],
  'web/ui/check': [...ui, 'web/check', 'web/host-config.ts', 'web/part.ts'],
  'web/ui/people': ui,
  'web/ui/attention': ui,
  'web/ui/files': [...ui, 'web/ui/preview', 'web/ui/receive/saving'],
  'web/ui/preview': [...ui, 'web/part.ts', 'web/language/current.ts', 'web/ui/preview/codecs'],
  'web/ui/home/choose': pageBase,
  'web/ui/home': [
    ...ui,
    'shared/torrent/magnet',
    'web/bridge/installed',
    'web/host-config.ts',
    'web/part.ts',
    'web/ui/home/choose',
    'web/ui/settings',
  ],
  'web/ui/settings': [...ui, 'web/language', 'shared/swarm', 'web/ui/attention', 'web/ui/check', 'web/ui/settings/servers'],
  'web/ui/settings/servers': [...ui, 'shared/torrent/magnet'],
  'web/ui/details': [...ui, 'web/ui/details/pieces', 'web/ui/people', 'web/part.ts'],
  'web/ui/details/pieces': ui,
  'web/ui/actions': [...ui, 'web/part.ts', 'web/ui/catalogue', 'web/ui/receive/saving', 'web/ui/settings'],
  'web/ui/library': [...ui, 'web/ui/actions', 'web/ui/details', 'web/ui/files', 'web/ui/library/transfer', 'web/ui/share'],
  'web/ui/library/transfer': [...pageBase, 'web/ui/receive/saving'],
  'web/ui/share': [
    ...ui,
    'web/ui/attention',
    'web/ui/check',
    'web/ui/actions',
    'web/ui/catalogue',
    'web/ui/details',
    'web/ui/files',
    'web/ui/home/choose',
    'web/ui/people',
    'web/ui/preview',
    'web/ui/receive/saving',
    'web/part.ts',
  ],
  'web/ui/receive': [
    ...ui,
    'web/part.ts',
    'web/ui/details',
    'web/ui/check',
    'web/ui/actions',
    'web/ui/files',
    'web/ui/home',
    'web/ui/people',
    'web/ui/preview',
    'web/ui/receive/saving',
    'web/ui/share/LazyReconnect.svelte',
  ],
  'web/ui/receive/saving': [...pageBase, 'web/part.ts'],
  'web/ui/catalogue': [...ui, 'shared/tracker', 'web/host-config.ts', 'web/load-again.ts'],
  'web/ui': [
    ...ui,
    'web/language/page-language.svelte.ts',
    'web/host-config.ts',
    'web/ui/attention',
    'web/lab',
    'web/part.ts',
    'web/ui/catalogue',
    'web/ui/home',
    'web/ui/library',
    'web/ui/receive',
    'web/ui/settings',
    'web/ui/share',
  ],
  web: [
    ...pageBase,
    'web/bridge/installed',
    'web/language',
    'web/state/connection',
    'web/rtc',
    'web/service',
    'web/ui',
    'web/ui/check',
    'web/ui/common',
    'web/ui/people',
  ],
};

const harness = ['e2e/harness/system', 'e2e/harness/browsers', 'e2e/harness/servers'];
const bench = [base, 'e2e/bench/figures.ts', 'e2e/harness', 'e2e/harness/app', ...harness];

/** Tests in browsers: processes below, the lab that owns them, then the app as automation sees it. */
const endToEnd = {
  'e2e/harness/system': ['shared/torrent'],
  'e2e/harness/browsers': ['e2e/harness/system'],
  'e2e/harness/servers': ['e2e/harness/system'],
  'e2e/harness': harness,
  'e2e/harness/app': ['e2e/harness', ...harness, 'e2e/tools/load-bundled.js', 'web/bridge'],
  'e2e/harness/networks': ['e2e/harness', 'e2e/harness/app', ...harness, 'signal-tracker/testing'],
  'e2e/pages': [],
  'e2e/screenshots': ['e2e/harness', 'e2e/screenshots/scenes', ...harness],
  'e2e/screenshots/scenes': [
    base,
    'shared/torrent',
    'e2e/harness',
    'e2e/harness/app',
    ...harness,
    'e2e/soak/browser/faulty-indexeddb.ts',
    'web/ui/text',
  ],
  'e2e/lab': ['shared/lab', 'e2e/lab/tabs'],
  'e2e/lab/tabs': ['shared/lab', 'shared/lab/blocks', 'shared/wire', 'e2e/harness', 'e2e/harness/app', ...harness],
  'e2e/demo': ['e2e/harness', 'e2e/harness/app', ...harness],
  'e2e/tools/texts': [],
  'e2e/tools': [
    'e2e/demo',
    'e2e/lab',
    'e2e/screenshots',
    'shared/lab',
    'shared/sim',
    'shared/sim/network',
    'shared/sim/scenarios',
    ...torrent,
  ],
  'e2e/bench/browser': [...bench, 'e2e/tools'],
  'e2e/bench/networks': [...bench, 'e2e/harness/networks'],
  'e2e/bench/networks/swarm': [...bench, 'e2e/bench/networks', 'e2e/harness/networks'],
  'e2e/soak': [base, 'e2e/soak/browser', 'e2e/soak/targets'],
  'e2e/soak/browser': [base, 'e2e/soak', 'e2e/harness', 'e2e/harness/app', ...harness],
  'e2e/soak/targets': [
    base,
    'e2e/soak',
    'shared/bencode',
    'shared/swarm',
    'shared/sim',
    'shared/sim/scenarios',
    'shared/tracker',
    ...torrent,
    ...wire,
    'signal-tracker',
    'signal-tracker/catalogue',
    'signal-tracker/cluster',
    'signal-tracker/codec',
    'signal-tracker/config',
    'signal-tracker/testing',
    'web/bridge',
    'web/engine/library',
    'web/engine/storage/pieces',
    'web/service',
    'web/state',
  ],
  'e2e/bench/tracker/servers': ['e2e/harness/system'],
  'e2e/bench/tracker': [
    ...bench,
    'e2e/bench/tracker/servers',
    'shared/tracker',
    'signal-tracker/cluster',
    'signal-tracker/swarms',
    'signal-tracker/testing',
  ],
  'e2e/bench': [...bench, 'e2e/bench/browser', 'e2e/bench/networks', 'e2e/bench/networks/swarm', 'e2e/bench/tracker'],
  e2e: ['e2e/harness/system'],
};

export const borders: Readonly<Record<string, readonly string[]>> = {
  // The builds.
  '.': ['e2e/tools', 'e2e/tools/texts', 'signal-tracker/http/assets/compressed.ts', 'web/language'],
  ...core,
  ...swarm,
  ...simulator,
  ...signalTracker,
  ...engine,
  ...page,
  ...endToEnd,
};
