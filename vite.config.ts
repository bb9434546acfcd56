import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import 'vitest/config';
import { serverTexts } from './e2e/tools/texts/server-texts.ts';
import { splitTexts, staticImports } from './e2e/tools/texts/split-texts.ts';
import { writeCopies } from './signal-tracker/http/assets/compressed.ts';
import { languages } from './web/language/languages.ts';

const web = join(import.meta.dirname, 'web');

const pageModules = staticImports(join(web, 'main.ts'));
const inPage = (id: string): boolean => pageModules.has(id);

/**
 * All builds: `vite build` makes the app, `--mode service-worker` its service worker (one classic script with a stable name: browsers find
 * it by its URL, and not all of them run module service workers), `--mode tracker` the tracker, and `--mode bench` the bench. Tracker and
 * bench are built because Node 20 cannot run TypeScript. Vitest uses `tests`.
 */
const messages = () =>
  paraglideVitePlugin({
    project: join(web, 'project.inlang'),
    outdir: join(web, 'paraglide'),
    emitReadme: false,
    // One module a language, so that the build can split them.
    outputStructure: 'locale-modules',
    // `web/language` says which; by default Paraglide reads a cookie for every message.
    strategy: ['globalVariable', 'baseLocale'],
  });

/**
 * Writes the names of the app's assets into the page, so that the service worker can keep them (`web/bridge/app-files.ts`). The Lab is loaded by
 * those who open it: nobody needs it to exchange files.
 */
const appFiles = (): Plugin => ({
  name: 'app-files',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) => {
      // Vite drops the page's own chunk later where it only imports others, and names those in the page.
      const isDropped = (name: string): boolean => /^assets\/index-.*\.js$/.test(name) && !html.includes(name);
      const paths = Object.keys(bundle).filter((name) => name.startsWith('assets/') && !/^assets\/lab/i.test(name) && !isDropped(name));
      const children = JSON.stringify(paths.map((path) => `/${path}`));
      return [{ tag: 'script', attrs: { type: 'application/json', id: 'app-files' }, children, injectTo: 'body' }];
    },
  },
});

/**
 * Names what `main.ts` starts at once in the page itself, or a first visit would ask for it a round trip later, after the page's scripts. Where the
 * server is 100 ms away, the first announce comes 0.2 s sooner. A Worker has no preload of its own: browsers would warn that nothing uses it.
 */
const startsAtOnce = (): Plugin => ({
  name: 'starts-at-once',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) => {
      const named = (pattern: RegExp) => Object.keys(bundle).filter((name) => pattern.test(name));
      const importsOf = (name: string) => (bundle[name]?.type === 'chunk' ? bundle[name].imports : []);
      const connections = named(/^assets\/host-.*\.js$/);
      const modules = [...connections, ...connections.flatMap(importsOf)].filter((name) => !html.includes(name));
      const link = (rel: string) => (name: string) => ({ tag: 'link', attrs: { rel, href: `/${name}` }, injectTo: 'head' as const });
      return [...modules.map(link('modulepreload')), ...named(/^assets\/worker-.*\.js$/).map(link('prefetch'))];
    },
  },
});

/** What simple-peer needs of npm, in small (`web/rtc/README.md`). */
const standIn = (name: string): string => join(web, 'rtc/simple-peer', name);
const simplePeerNeeds = {
  buffer: standIn('buffer.ts'),
  debug: standIn('debug.ts'),
  randombytes: standIn('random-bytes.ts'),
  'readable-stream': standIn('stream.ts'),
};

const app = (): UserConfig => ({
  root: 'web',
  plugins: [
    svelte({ configFile: false }),
    messages(),
    splitTexts({ root: web, languages: Object.keys(languages) }),
    startsAtOnce(),
    appFiles(),
  ],
  resolve: { alias: simplePeerNeeds },
  worker: { format: 'es' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      // One chunk compresses better than those that views loaded later have in common with the page.
      output: {
        codeSplitting: {
          groups: [
            { name: 'language', test: /web\/language\/\w+\.ts$|^\0texts$/, priority: 2 },
            { name: 'page', test: inPage, priority: 1 },
          ],
        },
      },
    },
  },
  cacheDir: '../dist/vite',
  optimizeDeps: { include: ['uqr', 'simple-peer'] },
});

/** The last build that writes into the app's folder leaves compressed copies there: the tracker would take half a second for them at every start. */
const compressedCopies = (): Plugin => ({
  name: 'compressed-copies',
  closeBundle: () => writeCopies(join(import.meta.dirname, 'dist/web')),
});

const serviceWorker = (): UserConfig => ({
  plugins: [compressedCopies()],
  build: {
    outDir: 'dist/web',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2022',
    lib: { entry: 'web/service-worker.ts', formats: ['iife'], name: 'serviceWorker', fileName: () => 'service-worker.js' },
  },
});

const trackerTexts = () => serverTexts({ root: web, languages: Object.keys(languages) });

const nodeProgram = (entry: string, outDir: string): UserConfig => ({
  plugins: [trackerTexts()],
  build: {
    ssr: entry,
    outDir,
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { entryFileNames: '[name].js' } },
  },
});

const tests = (): UserConfig => ({
  // Tests use the messages as the last build compiled them: the compiler's timers would delay the end of every run by 10 s.
  plugins: [svelte({ configFile: false }), trackerTexts()],
  test: {
    include: ['{shared,signal-tracker,web,e2e}/**/*.test.ts'],
    environment: 'node',
    // Clients of others bring a WebRTC that loses races on a busy machine: they run on ours.
    alias: { 'webrtc-polyfill': join(import.meta.dirname, 'signal-tracker/testing/webrtc.ts') },
    server: { deps: { inline: ['bittorrent-tracker', '@thaunknown/simple-peer'] } },
    // One more than the cores, because some tests only wait for a time-out of ten seconds.
    maxWorkers: availableParallelism() + 1,
    // A test that uses randomness prints its seed when it fails; a retry would hide the failure.
    retry: 0,
    reporters: ['default', ['json', { outputFile: 'test-results/unit.json' }]],
    // Machines are up to five times as slow as the one that these tests were written on, and busy with the other tests.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});

const builds: Record<string, () => UserConfig> = {
  'service-worker': serviceWorker,
  tracker: () => nodeProgram('signal-tracker/main.ts', 'dist/signal-tracker'),
  bench: () => nodeProgram('e2e/bench/main.ts', 'dist/bench'),
  soak: () => nodeProgram('e2e/soak/main.ts', 'dist/soak'),
  test: tests,
};

export default defineConfig(({ mode }) => ({ clearScreen: false, ...(builds[mode] ?? app)() }));
