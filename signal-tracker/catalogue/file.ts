import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { CatalogueRecord, Catalogue } from './catalogue.ts';
import { isCatalogueRecord } from './requests.ts';
import { UsageError } from '../config/usage-error.ts';
import { shownText } from '../../shared/shown-text.ts';
import { log } from '../log.ts';

/**
 * Keeps the catalogue in a JSON file across restarts. Every version is written beside the file and then renamed over it: a
 * reader, or a tracker that was killed, finds the old version or the new one.
 */
export class CatalogueFile {
  /** The file's contents at start; `null` if there was no file. */
  readonly record: CatalogueRecord | null;
  readonly #path: string;
  #savedChanges = 0;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, record: CatalogueRecord | null) {
    this.#path = path;
    this.record = record;
  }

  /** Throws {@link UsageError} for a file that is not a catalogue: it must not be overwritten. */
  static open(path: string): CatalogueFile {
    if (!existsSync(path)) return new CatalogueFile(path, null);
    const record = parsed(path);
    if (isCatalogueRecord(record)) return new CatalogueFile(path, withShownNames(record));
    throw new UsageError(`${path} is no catalogue of this tracker: choose another file with --catalogue-file, or move it away.`);
  }

  /** Writes the catalogue if it changed. A failed write is logged and repeated with the next change. */
  save(catalogue: Catalogue): Promise<void> {
    const { changes } = catalogue;
    if (changes === this.#savedChanges) return this.#saving;
    this.#savedChanges = changes;
    const text = JSON.stringify(catalogue.record());
    this.#saving = this.#saving.then(() => this.#write(text));
    return this.#saving;
  }

  async #write(text: string): Promise<void> {
    const next = `${this.#path}.next`;
    try {
      await writeFile(next, text, { mode: 0o600, flush: true });
      await rename(next, this.#path);
    } catch (error) {
      log.error('The catalogue could not be written. The old version stays.', error);
    }
  }
}

/** Earlier versions cut names inside a character. */
function withShownNames(record: CatalogueRecord): CatalogueRecord {
  const entries = record.entries.map(({ listing, publicKey }) => ({ listing: { ...listing, name: shownText(listing.name) }, publicKey }));
  return { ...record, entries };
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as a catalogue: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
