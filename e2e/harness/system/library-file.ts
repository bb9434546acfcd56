import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { choosePieceLength, encodeInfo, encodeTorrent } from '../../../shared/torrent/create.ts';

/** The info dictionary of one file that nobody has. */
export function infoOf(name: string, length: number): Uint8Array<ArrayBuffer> {
  const pieceLength = choosePieceLength(length);
  const pieceHashes = new Uint8Array(Math.ceil(length / pieceLength) * 20).fill(1);
  return encodeInfo({ name, files: [{ path: [name], length }], pieceLength, pieceHashes });
}

/** Writes an exported library of this many torrents. Returns the path. */
export function libraryFile(path: string, torrents: number): string {
  const entries = Array.from({ length: torrents }, (_, index) => {
    const infoBytes = infoOf(`Lecture ${index + 1} of ${torrents}, linear algebra.mp4`, 40e6 + index * 1.7e6);
    const torrent = Buffer.from(encodeTorrent({ infoBytes, trackers: [], webSeeds: [] })).toString('base64');
    return { link: `magnet:?xt=urn:btih:${createHash('sha1').update(infoBytes).digest('hex')}`, torrent };
  });
  writeFileSync(path, JSON.stringify({ format: 'tabswarm-library', version: 1, torrents: entries }));
  return path;
}
