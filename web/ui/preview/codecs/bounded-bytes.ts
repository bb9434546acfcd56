/** Reads so many bytes of a file from this offset on; both are inside of the file. */
export type ReadPart = (offset: number, length: number) => Promise<Uint8Array>;

/** One reading brings so much, because most of what is looked at stands close together. */
const windowBytes = 16 * 1024;

/** Bytes that are read of one file: headers stand at its ends, and tables of samples between them are passed by. */
const mostReadings = 32;

/** A file of tiny parts would be looked at for long. */
const mostLooks = 2000;

/** The bytes of a stranger's file, of which only so many are looked at. */
export class BoundedBytes {
  readonly length: number;
  readonly #read: ReadPart;
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;
  #readings = 0;
  #looks = 0;

  constructor(length: number, read: ReadPart) {
    this.length = length;
    this.#read = read;
  }

  /** `length` bytes (at most 16 KiB); `null` where the file ends before, or where enough was looked at. */
  async at(offset: number, length: number): Promise<DataView | null> {
    if (++this.#looks > mostLooks || length > windowBytes || offset < 0 || offset + length > this.length) return null;
    if (offset < this.#windowAt || offset + length > this.#windowAt + this.#window.length) {
      if (++this.#readings > mostReadings) return null;
      this.#window = await this.#read(offset, Math.min(windowBytes, this.length - offset));
      this.#windowAt = offset;
    }
    return new DataView(this.#window.buffer, this.#window.byteOffset + offset - this.#windowAt, length);
  }

  /** The same, or as much of it as the file has. */
  start(offset: number, length: number): Promise<DataView | null> {
    return this.at(offset, Math.max(0, Math.min(length, this.length - offset)));
  }
}

/** Bytes as letters, as far as there are so many. */
export function lettersOf(view: DataView, offset: number, length: number): string {
  let letters = '';
  for (let at = offset; at < Math.min(offset + length, view.byteLength); at++) letters += String.fromCharCode(view.getUint8(at));
  return letters;
}
