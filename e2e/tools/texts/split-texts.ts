import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';
import { serverPrefix } from './server-texts.ts';

/**
 * Splits the texts by language and by part, so that a visit loads one language, and of that only what its first view may say.
 *
 * Paraglide compiles each language to a module, but its messages import all of them. In a build `m.key` becomes `m[number]`, an entry of an
 * array that `loadTexts` of `web/language/texts.ts` fills: from `text-es` with what the page's static imports say, and from `rest-es` with
 * all else.
 */
const shared = '\0texts';
/** Modules that only the build knows; chunks take their names. */
const partId = /language\/(text|rest)-([a-z]+)\.js$/;
const staticImport = /^\s*(?:import|export)\s(?!type\b)[^'"]*?['"](\.[^'"]+)['"]/gm;
const use = /\bm\.([a-z]\w*)(\()?/g;

interface Options {
  /** The folder `web`. */
  readonly root: string;
  readonly languages: readonly string[];
}

export function splitTexts({ root, languages }: Options): Plugin {
  let keys: string[] = [];
  let pageKeys = 0;
  const numbers = new Map<string, number>();
  const compiled = (language: string): string => readFileSync(join(root, 'paraglide/messages', `${language}.js`), 'utf8');
  const partOf = (name: string): string[] => (name === 'text' ? keys.slice(0, pageKeys) : keys.slice(pageKeys));
  return {
    name: 'split-texts',
    apply: 'build',
    enforce: 'post',
    buildStart: {
      // After Paraglide has compiled.
      sequential: true,
      order: 'post',
      handler() {
        const compiledKeys = [...compiled('en').matchAll(/^export const (\w+)/gm)].map(([, key = '']) => key);
        const all = compiledKeys.filter((key) => !key.startsWith(serverPrefix));
        const said = saidBy(join(root, 'main.ts'));
        keys = [...all.filter((key) => said.has(key)), ...all.filter((key) => !said.has(key))];
        pageKeys = all.filter((key) => said.has(key)).length;
        for (const [number, key] of keys.entries()) numbers.set(key, number);
        this.emitFile({ type: 'chunk', id: join(root, 'language/start.ts'), name: 'language' });
      },
    },
    resolveId: {
      order: 'pre',
      handler(source) {
        if (source === shared || partId.test(source)) return source;
        return /(?:paraglide\/messages\.js|\/texts\.ts)$/.test(source) ? shared : null;
      },
    },
    load(id) {
      if (id === shared) return sharedModule(languages, pageKeys);
      const [, name, language] = partId.exec(id) ?? [];
      return name === undefined || language === undefined ? null : partModule(compiled(language), language, partOf(name));
    },
    transform(code, id) {
      if (id === shared || partId.test(id) || !code.includes('paraglide/messages.js')) return null;
      return {
        code: code.replace(use, (all, key: string, call?: string) => entry(numbers.get(key), call !== undefined) ?? all),
        map: null,
      };
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) => {
        const start = Object.values(bundle).find((chunk) => chunk.type === 'chunk' && chunk.name === 'language');
        if (start === undefined) throw new Error('The build has no script that starts the language');
        return [{ tag: 'script', attrs: { type: 'module', crossorigin: true, src: `/${start.fileName}` }, injectTo: 'head-prepend' }];
      },
    },
  };
}

/** A message that is not called but kept, for example in a table, must not be read before the texts are there. */
function entry(number: number | undefined, called: boolean): string | null {
  if (number === undefined) return null;
  return called ? `m[${number}](` : `((inputs) => m[${number}](inputs))`;
}

/** The keys that a module and its static imports use. */
function saidBy(entry: string): Set<string> {
  const said = new Set<string>();
  for (const module of staticImports(entry)) {
    for (const [, key = ''] of readFileSync(module, 'utf8').matchAll(use)) said.add(key);
  }
  return said;
}

/** A module and all of ours that come with it. */
export function staticImports(entry: string): Set<string> {
  const modules = new Set([entry]);
  for (const module of modules) {
    for (const [, source = ''] of readFileSync(module, 'utf8').matchAll(staticImport)) {
      if (/\.(?:ts|svelte)$/.test(source)) modules.add(join(dirname(module), source));
    }
  }
  return modules;
}

function sharedModule(languages: readonly string[], pageKeys: number): string {
  const part = (name: string): string =>
    `{${languages.map((language) => `${language}: () => import('web/language/${name}-${language}.js')`).join(', ')}}`;
  return `
    export const m = [];
    const parts = { page: [0, ${part('text')}], rest: [${pageKeys}, ${part('rest')}] };
    export async function loadTexts(language, part) {
      const [first, load] = parts[part];
      const { default: texts } = await load[language]();
      return () => texts.forEach((text, index) => { m[first + index] = text; });
    }`;
}

/** One language's texts of `keys`, in that order. Nothing else is exported, so the bundler drops the others. */
export function partModule(compiled: string, language: string, keys: readonly string[]): string {
  const missing = [...compiled.matchAll(/^export \{ (\w+) \} from/gm)].map(([, key]) => key);
  if (missing.length > 0) throw new Error(`web/messages/${language}.json lacks ${missing.join(', ')}`);
  const rules = `const rules = new Intl.PluralRules('${language}'); const registry = { plural: (_, count) => rules.select(Number(count)) };`;
  const texts = compiled
    .replaceAll(/^import .*$/gm, '')
    .replaceAll(/^export const /gm, 'const ')
    // Where no form is for all other counts (`*`), the last one is; Paraglide would say the name of the message.
    .replaceAll(/^\tif \(countPlural === "\w+"\) (return .*)\n\treturn \/\*\* [^`]* \*\/ \("\w+"\);?$/gm, '\t$1');
  return `${rules}\n${texts}\nexport default [${keys.join(', ')}];`;
}
