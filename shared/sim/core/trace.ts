import { fnvStart, fnvStep } from '../../fnv.ts';
import type { WireMessage } from '../../wire/messages.ts';

/** FNV-1a over every delivered message: two runs with the same hash saw the same messages at the same times. */
export class Trace {
  #hash = fnvStart;
  messages = 0;

  delivered(now: number, link: number, message: WireMessage): void {
    this.messages++;
    this.#word(Math.floor(now * 1000));
    this.#word(link);
    this.#word((message.type.length << 8) | message.type.charCodeAt(0));
    switch (message.type) {
      case 'have':
      case 'suggest':
      case 'allowedFast':
        return this.#word(message.piece);
      case 'request':
      case 'cancel':
      case 'reject':
      case 'piece':
        this.#word(message.piece);
        return this.#word(message.begin);
      default:
        return;
    }
  }

  finished(now: number, node: number): void {
    this.#word(Math.floor(now * 1000));
    this.#word(node);
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  #word(word: number): void {
    this.#hash = fnvStep(this.#hash, word);
  }
}
