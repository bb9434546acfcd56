/**
 * `npm run audit`: asks the registry for known vulnerabilities of what is installed with the product, and fails for any. Without a network,
 * or with a registry that has no audit (mirrors often have none), it says so in one sentence and lets the check go on.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** npm tries a registry that does not answer for minutes. */
const mostMs = 30_000;

const quick = ['--fetch-retries=0', `--fetch-timeout=${mostMs}`];

/** What npm prints, whether it found something, failed, or was ended for its time. */
async function askNpm() {
  try {
    const options = { timeout: mostMs + 5000, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)('npm', ['audit', '--omit=dev', '--json', ...quick], options)).stdout;
  } catch (error) {
    // npm ends with 1 for vulnerabilities as for failures: what it printed tells them apart.
    return /** @type {{ stdout?: string }} */ (error).stdout ?? '';
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    // Nothing, or no JSON: npm was ended before it printed its report.
    return {};
  }
}

const { vulnerabilities, message, error } = parsed(await askNpm());
if (vulnerabilities === undefined) {
  const reason = message ?? error?.summary ?? 'npm gave no answer';
  process.stdout.write(`Known vulnerabilities were not checked, because the registry's audit cannot be reached: ${reason}\n`);
} else {
  const found = Object.values(vulnerabilities).map(({ name, severity, range }) => `${name} ${range}: ${severity}`);
  process.stdout.write(found.length === 0 ? 'No known vulnerabilities in what the product needs.\n' : `${found.join('\n')}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
