import { closeSync, openSync, writeSync } from 'node:fs';

/** Lines are written together from so many UTF-16 units on: a long run has a gigabyte of them, which no single string can hold. */
const chunkUnits = 1024 * 1024;

/** A text file that grows line by line, however long it becomes. */
export class TraceFile {
  /** @type {string[]} */
  #lines = [];
  #units = 0;
  /** @type {number} */
  #file;

  /** Replaces the file. @param {string} path */
  constructor(path) {
    this.#file = openSync(path, 'w');
  }

  /** @param {string} line without its end @returns {void} */
  write(line) {
    this.#lines.push(line, '\n');
    this.#units += line.length + 1;
    if (this.#units >= chunkUnits) this.#flush();
  }

  /** @returns {void} */
  close() {
    this.#flush();
    closeSync(this.#file);
  }

  /** @returns {void} */
  #flush() {
    const bytes = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#units = 0;
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
  }
}
