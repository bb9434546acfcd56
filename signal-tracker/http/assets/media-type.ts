import { lookup } from 'mrmime';

export interface MediaType {
  readonly name: string;
  /** False for what is compressed already. */
  readonly compressible: boolean;
}

const isText = /^text\/|^image\/svg|[/+](?:json|javascript|xml)$/;

/** The content type of a file of the app by the end of its name. Unknown ones are bytes to be downloaded. */
export function mediaTypeOf(path: string): MediaType {
  const type = lookup(path) ?? 'application/octet-stream';
  return isText.test(type)
    ? { name: `${type}; charset=utf-8`, compressible: true }
    : { name: type, compressible: type === 'application/wasm' };
}
