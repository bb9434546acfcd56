import { writeMessage, type ClusterMessage } from './messages.ts';
import { aliveKeyOf, channelOf, type RedisConnection } from './redis-connection.ts';
import { deliverScript } from './scripts.ts';

/** A batch of this length is sent at once: Redis disconnects a subscriber that is 32 MB behind. */
const fullBatchCharacters = 256 * 1024;

interface Batch {
  text: string;
  messages: number;
  /** Called if nobody received it: then that node is dead, and Redis knows it by now. */
  readonly lost: (() => void)[];
}

/** Sends messages to other nodes. Those of one turn of the event loop to one node are one publish. */
export class MessageBatcher {
  readonly #redis: RedisConnection;
  readonly #node: string;
  #batches = new Map<string, Batch>();
  #sentMessages = 0;
  #sentBatches = 0;

  constructor(redis: RedisConnection, node: string) {
    this.#redis = redis;
    this.#node = node;
  }

  /** Messages sent, and the batches that carried them. */
  get counts(): { messages: number; batches: number } {
    return { messages: this.#sentMessages, batches: this.#sentBatches };
  }

  /** `lost` is called if the node turns out to be dead, not if Redis is away. */
  send(to: string, message: ClusterMessage, lost: (() => void) | null = null): void {
    let batch = this.#batches.get(to);
    if (batch === undefined) {
      if (this.#batches.size === 0) setImmediate(() => this.#flush());
      batch = { text: `${this.#node}\n`, messages: 0, lost: [] };
      this.#batches.set(to, batch);
    }
    batch.text += writeMessage(message);
    batch.messages += 1;
    if (lost !== null) batch.lost.push(lost);
    if (batch.text.length < fullBatchCharacters) return;
    this.#batches.set(to, { text: `${this.#node}\n`, messages: 0, lost: [] });
    this.#publish(to, batch);
  }

  #flush(): void {
    const batches = this.#batches;
    this.#batches = new Map();
    for (const [to, batch] of batches) if (batch.messages > 0) this.#publish(to, batch);
  }

  #publish(to: string, batch: Batch): void {
    this.#sentMessages += batch.messages;
    this.#sentBatches += 1;
    void this.#redis.run(deliverScript, [aliveKeyOf(to)], [channelOf(to), batch.text]).then((received) => {
      if (received === 0) for (const lost of batch.lost) lost();
    });
  }
}
