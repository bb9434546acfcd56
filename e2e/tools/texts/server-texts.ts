import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Messages of the tracker's own pages begin so. The app does not load them. */
export const serverPrefix = 'server_';

const module = 'virtual:server-texts';
const resolved = `\0${module}`;

interface Options {
  /** The folder `web`. */
  readonly root: string;
  /** The first is the one that every message is written in. */
  readonly languages: readonly string[];
}

/** Gives the tracker the texts of its own pages in every language. A language that lacks one ends the build. */
export function serverTexts({ root, languages }: Options): Plugin {
  const fileOf = (language: string): string => join(root, 'messages', `${language}.json`);
  return {
    name: 'server-texts',
    resolveId: (source) => (source === module ? resolved : null),
    load(id) {
      if (id !== resolved) return null;
      for (const language of languages) this.addWatchFile(fileOf(language));
      const texts = languages.map((language) => [language, serverTextsIn(readFileSync(fileOf(language), 'utf8'))] as const);
      const keys = Object.keys(texts[0]?.[1] ?? {});
      for (const [language, known] of texts) {
        const missing = keys.filter((key) => !(key in known));
        if (missing.length > 0) throw new Error(`web/messages/${language}.json lacks ${missing.join(', ')}`);
      }
      return `export default ${JSON.stringify(Object.fromEntries(texts))}`;
    },
  };
}

/** By key without its prefix. */
function serverTextsIn(json: string): Record<string, string> {
  const messages = Object.entries(JSON.parse(json) as Record<string, unknown>);
  return Object.fromEntries(
    messages.flatMap(([key, text]) =>
      key.startsWith(serverPrefix) && typeof text === 'string' ? [[key.slice(serverPrefix.length), text]] : [],
    ),
  );
}
