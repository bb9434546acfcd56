import { channelOf, signOf, type ClusterLink } from './redis-connection.ts';
import { writeLetter, type Letter } from './messages.ts';
import { deliverScript } from './scripts.ts';

/** A batch this long goes at once: Redis cuts a subscriber 32 MB behind off. */
const fullBatchCharacters = 256 * 1024;

interface Batch {
  text: string;
  letters: number;
  /** Run where nobody heard it: that node is dead, and Redis knows it by now. */
  readonly lost: (() => void)[];
}

/** Letters to other nodes: those of one turn of the event loop to one node go as one message. */
export class ClusterMail {
  readonly #link: ClusterLink;
  readonly #node: string;
  #batches = new Map<string, Batch>();
  #sent = 0;
  #messages = 0;

  constructor(link: ClusterLink, node: string) {
    this.#link = link;
    this.#node = node;
  }

  /** Letters sent, and the messages that carried them. */
  get counts(): { letters: number; messages: number } {
    return { letters: this.#sent, messages: this.#messages };
  }

  /** `lost` is called where the node turns out to be dead, and not where Redis is away. */
  post(to: string, letter: Letter, lost: (() => void) | null = null): void {
    let batch = this.#batches.get(to);
    if (batch === undefined) {
      if (this.#batches.size === 0) setImmediate(() => this.#flush());
      batch = { text: `${this.#node}\n`, letters: 0, lost: [] };
      this.#batches.set(to, batch);
    }
    batch.text += writeLetter(letter);
    batch.letters += 1;
    if (lost !== null) batch.lost.push(lost);
    if (batch.text.length < fullBatchCharacters) return;
    this.#batches.set(to, { text: `${this.#node}\n`, letters: 0, lost: [] });
    this.#send(to, batch);
  }

  #flush(): void {
    const batches = this.#batches;
    this.#batches = new Map();
    for (const [to, batch] of batches) if (batch.letters > 0) this.#send(to, batch);
  }

  #send(to: string, batch: Batch): void {
    this.#sent += batch.letters;
    this.#messages += 1;
    void this.#link.run(deliverScript, [signOf(to)], [channelOf(to), batch.text]).then((heard) => {
      if (heard === 0) for (const lost of batch.lost) lost();
    });
  }
}
