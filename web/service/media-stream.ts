import { servedTypes } from '../bridge/inline-types.ts';
import { ChunkReturn } from './chunk-return.ts';
import { mediaPath, type MediaAnswer, type MediaRange, type MediaRequest } from '../bridge/media-streams.ts';
import { type ByteRange, requestedRange } from './requested-range.ts';

/** The page answers within a turn of its event loop; a hidden or busy one may take longer. */
const answerMs = 10_000;

/** A page of this app. */
export interface MediaPage {
  postMessage(message: MediaRequest, transfer: Transferable[]): void;
}

/** A file as its page describes it, and the port over which that page is asked for its bytes. */
interface Opened {
  readonly length: number;
  readonly mime: string;
  readonly control: MessagePort;
}

/**
 * Answers a media element with a part of a file that may still be downloading. The bytes are a stranger's: their type comes from our list, no
 * document, script or style gets them, and what shows them all the same is in a sandbox. `pages`: those that may have made the path.
 */
export async function answerMedia(request: Request, url: URL, pages: Promise<readonly MediaPage[]>): Promise<Response> {
  const types = servedTypes(request.destination);
  if (request.method !== 'GET' || types.length === 0) return refusal(404);
  const token = url.pathname.slice(mediaPath.length);
  const file = await opened(await pages, token);
  return file === null || !types.includes(file.mime) ? refusal(404) : answerRange(request.headers.get('range'), file);
}

function answerRange(header: string | null, { length: fileBytes, mime, control }: Opened): Response {
  const asked = requestedRange(header, fileBytes);
  if (asked === null) return refusal(416, { 'content-range': `bytes */${fileBytes}` });
  const range = asked === 'whole' ? { offset: 0, length: fileBytes } : asked;
  const headers: Record<string, string> = { ...safeHeaders, 'content-type': mime, 'content-length': String(range.length) };
  headers['accept-ranges'] = 'bytes';
  if (asked !== 'whole') headers['content-range'] = `bytes ${range.offset}-${range.offset + range.length - 1}/${fileBytes}`;
  return new Response(bodyOf(range, control), { status: asked === 'whole' ? 200 : 206, headers });
}

const safeHeaders = {
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

function refusal(status: number, headers: Record<string, string> = {}): Response {
  return new Response(`${status}\n`, { status, headers: { ...safeHeaders, 'content-type': 'text/plain', ...headers } });
}

function bodyOf({ offset, length }: ByteRange, control: MessagePort): ReadableStream<Uint8Array> {
  const { port1: bytes, port2: port } = new MessageChannel();
  control.postMessage({ offset, length, port } satisfies MediaRange, [port]);
  const chunks = new ChunkReturn();
  let left = length;
  let arrived: (chunk: ArrayBuffer | null) => void = () => undefined;
  bytes.onmessage = ({ data }: MessageEvent<ArrayBuffer | null>) => arrived(data);
  // The page is gone, perhaps while the player reads nothing.
  let isClosed = false;
  bytes.addEventListener('close', () => {
    isClosed = true;
    arrived(null);
  });
  const over = (): void => {
    bytes.close();
    control.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await new Promise<ArrayBuffer | null>((resolve) => {
          arrived = resolve;
          if (isClosed) resolve(null);
          else chunks.pull(bytes);
        });
        if (chunk !== null) {
          left -= chunk.byteLength;
          chunks.handedOn(chunk);
          return controller.enqueue(new Uint8Array(chunk));
        }
        over();
        if (left !== 0) throw new Error(`the file ended ${left} bytes early`);
        controller.close();
      },
      cancel() {
        // Not every browser tells the other side that a port was closed.
        bytes.postMessage({ cancel: true });
        over();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * What the first page that made this path says; `null` where none did, or it is gone. The others are not waited for: a page that shows
 * nothing does not listen, and never answers.
 */
function opened(pages: readonly MediaPage[], token: string): Promise<Opened | null> {
  return new Promise((resolve) => {
    const asked = new Set<MessagePort>();
    const late = setTimeout(() => end(null), answerMs);
    function end(file: Opened | null): void {
      clearTimeout(late);
      for (const control of asked) control.close();
      resolve(file);
    }
    for (const page of pages) {
      const { port1: control, port2 } = new MessageChannel();
      asked.add(control);
      control.onmessage = ({ data }: MessageEvent<MediaAnswer>) => {
        asked.delete(control);
        if (data.kind === 'file') return end({ length: data.length, mime: data.mime, control });
        control.close();
        if (asked.size === 0) end(null);
      };
      page.postMessage({ kind: 'media', token, control: port2 }, [port2]);
    }
    if (asked.size === 0) end(null);
  });
}
