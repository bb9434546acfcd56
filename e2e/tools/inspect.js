/** `npm run inspect -- FILE.torrent` or `'magnet:?…'`: prints what Tabswarm reads in it, or the failure a person would see. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../../shared/torrent/metainfo.ts') }} */
const { module: metainfo } = await runnerImport('./shared/torrent/metainfo.ts');
/** @type {{ module: typeof import('../../shared/torrent/magnet/magnet.ts') }} */
const { module: magnet } = await runnerImport('./shared/torrent/magnet/magnet.ts');

/** @param {string} file */
function inspectFile(file) {
  const torrent = metainfo.readTorrent(new Uint8Array(readFileSync(file)));
  const { info } = torrent;
  return {
    name: info.name,
    kind: info.kind,
    infoHashV1: createHash('sha1').update(torrent.infoBytes).digest('hex'),
    infoHashV2: createHash('sha256').update(torrent.infoBytes).digest('hex'),
    totalBytes: info.geometry.totalBytes,
    pieceBytes: info.pieceLength,
    pieces: info.geometry.pieceCount,
    private: info.isPrivate,
    trackers: torrent.trackers,
    webSeeds: torrent.webSeeds,
    files: info.files.map(({ path, length }) => `${path.join('/')} (${length} bytes)`),
  };
}

const [what = ''] = process.argv.slice(2);
try {
  const found = what.endsWith('.torrent') ? inspectFile(what) : magnet.readMagnet(what);
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
