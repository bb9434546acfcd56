/** `npm run screenshots`: takes the README's pictures of the built app, with real browsers and a real tracker. */
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../screenshots/take.ts') }} */
const { module } = await runnerImport('./e2e/screenshots/take.ts');
await module.takeScreenshots();
