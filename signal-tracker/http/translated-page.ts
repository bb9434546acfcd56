import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import Negotiator from 'negotiator';
import texts from 'virtual:server-texts';
import { type Language, languages } from '../../web/language/languages.ts';
import { mediaTypeOf } from './assets/media-type.ts';
import { send } from './responses.ts';

export interface PageAnswer {
  readonly status?: number;
  /** What only this answer says, by its name in the page. */
  readonly facts?: Readonly<Record<string, string>>;
  readonly headers?: OutgoingHttpHeaders;
}

/**
 * A page of the tracker's own in every language. In its HTML `{{key}}` stands for the text `server_key` (`**bold**`), `{{lang}}` and `{{dir}}`
 * for the language, `{{texts key}}` for all texts that begin with `key_`, as JSON for a script, and `{{=name}}` for a fact of the answer.
 */
export class TranslatedPage {
  readonly #pages: ReadonlyMap<string, string>;

  /** @throws where a text is missing */
  constructor(html: string) {
    this.#pages = new Map(known.map((language) => [language, translated(html, language)]));
  }

  /** In the language that the browser asks for. */
  send(request: IncomingMessage, response: ServerResponse, { status = 200, facts = {}, headers = {} }: PageAnswer = {}): void {
    const [language = 'en'] = new Negotiator(request).languages(known);
    const page = (this.#pages.get(language) ?? '').replaceAll(/\{\{=(\w+)\}\}/g, (_, name: string) => escaped(facts[name] ?? ''));
    const own = { 'Content-Type': mediaTypeOf('page.html').name, 'Content-Language': language, Vary: 'Accept, Accept-Language' };
    send(response, status, { 'Cache-Control': 'no-store', ...own, ...headers }, Buffer.from(page));
  }
}

const known = Object.keys(languages);

function translated(html: string, language: string): string {
  const { tag, direction } = languages[language as Language];
  const own = { ...texts[language], lang: tag, dir: direction };
  return html.replaceAll(/\{\{(texts )?(\w+)\}\}/g, (_, all: string | undefined, key: string) => {
    if (all !== undefined) return jsonOf(own, key);
    const text = own[key as keyof typeof own];
    if (text === undefined) throw new Error(`There is no text server_${key} in ${language}`);
    return escaped(text).replaceAll(/\*\*(.+?)\*\*/g, '<b>$1</b>');
  });
}

/** For a `<script type="application/json">`, which ends at the next `</script`. */
function jsonOf(own: Readonly<Record<string, string>>, prefix: string): string {
  const some = Object.entries(own).filter(([key]) => key.startsWith(`${prefix}_`));
  return JSON.stringify(Object.fromEntries(some.map(([key, text]) => [key.slice(prefix.length + 1), text]))).replaceAll('<', '\\u003c');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
}
