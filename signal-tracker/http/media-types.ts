/** Content types of what a built app holds, by the end of the name. Anything else is bytes to be downloaded. */
const types = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['json', 'application/json; charset=utf-8'],
  ['map', 'application/json; charset=utf-8'],
  ['webmanifest', 'application/manifest+json; charset=utf-8'],
  ['svg', 'image/svg+xml; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['jpg', 'image/jpeg'],
  ['ico', 'image/x-icon'],
  ['woff2', 'font/woff2'],
  ['wasm', 'application/wasm'],
]);

export interface MediaType {
  readonly name: string;
  /** False for what is compressed already. */
  readonly compressible: boolean;
}

export function mediaTypeOf(path: string): MediaType {
  const name = types.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'application/octet-stream';
  return { name, compressible: name.endsWith('charset=utf-8') || name === 'application/wasm' };
}
