import { fork } from 'node:child_process';
import type { Report } from '../../shared/lab/experiment.ts';

/** What the process of an experiment says: how far it is, 0–1, or what it found. */
export type Word = { readonly share: number } | { readonly report: Report };

/**
 * Runs an experiment in a process of its own: several use several cores, and one that fails or runs out of memory takes no other with it.
 * @throws Error when the process ends without a report.
 */
export function runInOwnProcess(name: string, seeds: number, onProgress: (share: number) => void): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork('e2e/lab/experiment-process.js', [name, String(seeds)], { serialization: 'advanced' });
    child.on('message', (word: Word) => {
      if ('share' in word) onProgress(word.share);
      else resolve(word.report);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const fail = (): void => reject(new Error(`its process ended with ${signal ?? `code ${code}`}`));
      // What it said may still lie in the channel.
      if (child.connected) child.once('disconnect', fail);
      else fail();
    });
  });
}
