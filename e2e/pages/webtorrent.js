/**
 * WebTorrent's own build for browsers, driven by the tests through `window.webtorrent`. With `?store=memory` torrents use the memory store
 * that WebTorrent takes where a browser has no OPFS, without a second cache. `?stun=URL` names a STUN server.
 */
const imports = { webtorrent: '/webtorrent.min.js', store: '/memory-chunk-store.js' };
const { default: WebTorrent } = await import(imports.webtorrent);
const query = new URLSearchParams(location.search);
const memory = query.get('store') === 'memory';
const storage = memory ? { store: (await import(imports.store)).default, storeCacheSlots: 0 } : {};
const stun = query.get('stun');
const iceServers = stun === null ? [] : [{ urls: stun }];
const client = new WebTorrent({ dht: false, lsd: false, natUpnp: false, tracker: { rtcConfig: { iceServers } } });

/** @type {string[]} */
const errors = [];
client.on('error', (/** @type {Error} */ error) => errors.push(error.message));

/** Milliseconds of this page's clock at which each torrent was complete. @type {Map<string, number>} */
const doneAt = new Map();

/** @param {any} torrent */
function follow(torrent) {
  torrent.on('done', () => doneAt.set(torrent.infoHash, performance.now()));
  torrent.on('error', (/** @type {Error} */ error) => errors.push(error.message));
  torrent.on('warning', (/** @type {Error} */ error) => errors.push(error.message));
}

/** @param {string} infoHash @returns {any} */
function torrentOf(infoHash) {
  const found = client.torrents.find((/** @type {{infoHash: string}} */ torrent) => torrent.infoHash === infoHash);
  if (found === undefined) throw new Error(`no torrent ${infoHash}; ${errors.join('; ')}`);
  return found;
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @type {import('./globals.js').WebTorrentPage} */
const api = {
  seed(announce, pieceLength) {
    const { files } = /** @type {HTMLInputElement} */ (document.querySelector('input'));
    const options = { announce, ...storage, ...(pieceLength === undefined ? {} : { pieceLength }) };
    return new Promise((resolve) => {
      client.seed(files, options, (/** @type {any} */ torrent) => {
        follow(torrent);
        resolve({ infoHash: torrent.infoHash, magnet: torrent.magnetURI, torrentFile: [...torrent.torrentFile] });
      });
    });
  },
  add(source, announce) {
    const torrent = client.add(typeof source === 'string' ? source : new Uint8Array(source), { announce, ...storage });
    follow(torrent);
    return new Promise((resolve) => {
      torrent.once('infoHash', () => resolve(torrent.infoHash));
    });
  },
  finished(infoHash) {
    const torrent = torrentOf(infoHash);
    return torrent.done ? Promise.resolve() : new Promise((resolve) => torrent.once('done', () => resolve(undefined)));
  },
  status(infoHash) {
    const torrent = torrentOf(infoHash);
    const { progress, downloaded, uploaded, numPeers, done } = torrent;
    return { progress, downloaded, uploaded, peers: numPeers, done, doneAt: doneAt.get(infoHash) ?? null, errors };
  },
  async hashes(infoHash) {
    /** @type {Record<string, string>} */
    const hashes = {};
    for (const file of torrentOf(infoHash).files) hashes[file.path] = await sha256(await file.arrayBuffer());
    return hashes;
  },
  corrupt(infoHash) {
    const { store } = torrentOf(infoHash);
    const get = store.get.bind(store);
    store.get = (
      /** @type {number} */ index,
      /** @type {any} */ options,
      /** @type {(error: unknown, bytes?: Uint8Array) => void} */ callback,
    ) => {
      get(index, options, (/** @type {unknown} */ error, /** @type {Uint8Array | undefined} */ bytes) => {
        if (bytes === undefined) return callback(error);
        const wrong = bytes.slice();
        wrong[0] = (wrong[0] ?? 0) ^ 0xff;
        callback(null, wrong);
      });
    };
  },
  lose(infoHash, from) {
    const { store } = torrentOf(infoHash);
    const get = store.get.bind(store);
    store.get = (
      /** @type {number} */ index,
      /** @type {any} */ options,
      /** @type {(error: unknown, bytes?: Uint8Array) => void} */ callback,
    ) => (index < from ? get(index, options, callback) : callback(new Error('lost')));
  },
  choke(infoHash) {
    const torrent = torrentOf(infoHash);
    const choke = (/** @type {any} */ wire) => {
      wire.choke();
      wire.unchoke = () => undefined;
    };
    torrent.wires.forEach(choke);
    torrent.on('wire', choke);
  },
};

window.webtorrent = api;
