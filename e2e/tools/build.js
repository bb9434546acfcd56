/** Builds everything `node signal-tracker` needs: the app, its service worker and the tracker. Arguments: `--quiet`. */
import { build } from 'vite';

const logLevel = process.argv.includes('--quiet') ? 'warn' : 'info';
for (const mode of ['production', 'service-worker', 'tracker']) {
  await build({ mode, logLevel });
}
// The message compiler leaves timers of 30 s behind (paraglide-js 2.25), and Node would wait for them.
process.exit(0);
