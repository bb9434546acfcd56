/** Messages by kind: the byte after their length (BEP 3), `keepAlive` or `handshake`. */
export type Kinds = Record<string, number>;

/** What a Worker has sent and received on all its data channels. */
export interface MessageCounts {
  readonly sent: Kinds;
  readonly received: Kinds;
}

/** Counts the peer messages of one direction of a channel, however they are split. A Worker gets it as text: it may use nothing of this module. */
export class MessageCounter {
  readonly #counts: Kinds;
  /** The bytes seen of a length and a kind. */
  #head: number[] = [];
  /** Bytes until the next message. */
  #left = 0;

  constructor(counts: Kinds) {
    this.#counts = counts;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const passed = Math.min(this.#left, bytes.length - at);
      this.#left -= passed;
      at += passed;
      const byte = bytes[at++];
      if (byte !== undefined) this.#add(byte);
    }
  }

  #add(byte: number): void {
    this.#head.push(byte);
    const [first = 0, second = 0, third = 0, fourth = 0, kind] = this.#head;
    // A message that began with this byte would have 318 MB.
    if (first === 19) return this.#found('handshake', 67);
    if (this.#head.length < 4) return;
    const length = first * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8 + fourth;
    if (length === 0) this.#found('keepAlive', 0);
    else if (kind !== undefined) this.#found(String(kind), length - 1);
  }

  #found(kind: string, left: number): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    this.#head = [];
    this.#left = left;
  }
}

/** Put before the script of a Worker; `countedMessages` then holds what it sent and received. */
export const countMessages = `(${install.toString()})(${MessageCounter.toString()});\n`;

/** Runs in the Worker, before its own code. May not use anything of this module. */
function install(Counter: typeof MessageCounter): void {
  const counts: MessageCounts = { sent: {}, received: {} };
  Object.assign(globalThis, { countedMessages: counts });
  const counters = new WeakMap<RTCDataChannel, { readonly sent: MessageCounter; readonly received: MessageCounter }>();
  const countersOf = (channel: RTCDataChannel): { readonly sent: MessageCounter; readonly received: MessageCounter } => {
    const known = counters.get(channel);
    if (known !== undefined) return known;
    const made = { sent: new Counter(counts.sent), received: new Counter(counts.received) };
    counters.set(channel, made);
    channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => made.received.take(new Uint8Array(data)));
    return made;
  };

  const { prototype } = RTCDataChannel;
  const { send } = prototype;
  prototype.send = function counted(this: RTCDataChannel, data: string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>) {
    if (ArrayBuffer.isView(data)) countersOf(this).sent.take(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return send.call(this, data as ArrayBufferView<ArrayBuffer>);
  };
  const onMessage = Object.getOwnPropertyDescriptor(prototype, 'onmessage');
  if (onMessage === undefined) throw new Error('this browser has other data channels');
  Object.defineProperty(prototype, 'onmessage', {
    ...onMessage,
    set(this: RTCDataChannel, listener: RTCDataChannel['onmessage']) {
      countersOf(this);
      onMessage.set?.call(this, listener);
    },
  });
}
