import type { SharedItems } from '../bridge/installed/shared-items.ts';

/**
 * Receives what another app shares with the installed app (Web Share Target): a form with files and text. Any web page can send such a form as
 * well, so nothing is shared here: the form is held until a page of ours takes it, and the page asks the person.
 */

/** More than a phone's gallery hands over at once. */
const maxFiles = 1000;

/** Of text; pasted texts are seldom longer than a few thousand. */
const maxCharacters = 1_000_000;

/** As long as file systems allow. */
const maxNameCharacters = 255;

/** A page takes it within seconds. What nobody took must not appear days later. */
const patienceMs = 5 * 60_000;

let held: { readonly items: SharedItems; readonly atMs: number } | null = null;

/** Holds what came, only the last, and leads to the page, which takes it. */
export async function receiveShared(request: Request, nowMs: number): Promise<Response> {
  const [form] = await Promise.allSettled([request.formData()]);
  if (form.status === 'fulfilled') {
    const items = itemsOf(form.value);
    if (items.files.length > 0 || items.text !== '') held = { items, atMs: nowMs };
  }
  return new Response(null, { status: 303, headers: { location: '/?shared=1' } });
}

/** What waits, once. */
export function takeShared(nowMs: number): SharedItems | null {
  const taken = held;
  held = null;
  return taken === null || nowMs - taken.atMs > patienceMs ? null : taken.items;
}

function itemsOf(form: FormData): SharedItems {
  // A field for files that was left empty comes as a file without a name.
  const files = form.getAll('files').filter((part) => part instanceof File && (part.name !== '' || part.size > 0)) as File[];
  // A link comes as `url` from some apps and as `text` from others; a title alone says nothing.
  const texts = ['text', 'url'].map((name) => form.get(name)).filter((part) => typeof part === 'string');
  const text = texts.map((part) => part.trim()).filter((part) => part !== '');
  return { files: files.slice(0, maxFiles).map(withPlainName), text: text.join('\n').slice(0, maxCharacters) };
}

/** A name without folders and control characters. */
function withPlainName(file: File): File {
  const name = (file.name.split(/[/\\]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').trim();
  const plain = /^\.*$/.test(name) ? 'file' : Array.from(name).slice(0, maxNameCharacters).join('');
  return plain === file.name ? file : new File([file], plain, { type: file.type, lastModified: file.lastModified });
}
