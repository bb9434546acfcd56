import type { PortMessage } from './messages.ts';

/** Stands for a port in the arguments of a call. */
interface RelayedPort {
  readonly relayed: number;
}

/**
 * Ports that a BroadcastChannel cannot carry: what is posted to one is relayed under its number. Both ends of a pair have one of these, so
 * that a call may have a `port` in an argument (a stream that the service worker reads).
 */
export class RelayedPorts {
  readonly #post: (message: PortMessage) => void;
  readonly #ports = new Map<number, MessagePort>();
  #lastNumber = 0;

  constructor(post: (message: PortMessage) => void) {
    this.#post = post;
  }

  /** The arguments with a number for each port, which is listened to from now on. */
  packed(args: readonly unknown[]): unknown[] {
    return args.map((arg) => (hasPort(arg) ? { ...arg, port: this.#numbered(arg.port) } : arg));
  }

  /** The arguments with a port of this Worker for each number. */
  unpacked(args: readonly unknown[]): unknown[] {
    return args.map((arg) => (hasRelayed(arg) ? { ...arg, port: this.#made(arg.port.relayed) } : arg));
  }

  receive(message: PortMessage): void {
    const port = this.#ports.get(message.port);
    if (port === undefined) return;
    if ('data' in message) return port.postMessage(message.data, message.data instanceof ArrayBuffer ? [message.data] : []);
    this.#ports.delete(message.port);
    port.close();
  }

  /** The other end is gone: so are its ports. */
  close(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  #numbered(port: MessagePort): RelayedPort {
    const relayed = ++this.#lastNumber;
    this.#relay(relayed, port);
    return { relayed };
  }

  #made(number: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#relay(number, port2);
    return port1;
  }

  #relay(number: number, port: MessagePort): void {
    this.#ports.set(number, port);
    port.onmessage = ({ data }: MessageEvent<unknown>) => this.#post({ port: number, data: withoutBuffer(data) });
    port.addEventListener('close', () => {
      if (this.#ports.delete(number)) this.#post({ port: number, closed: true });
    });
  }
}

/** A buffer that comes back with a pull stays here: to copy it to another tab costs more than a new one. */
function withoutBuffer(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'pull' in data ? { pull: true } : data;
}

function hasPort(arg: unknown): arg is { readonly port: MessagePort } {
  return typeof arg === 'object' && arg !== null && 'port' in arg && arg.port instanceof MessagePort;
}

function isRelayed(value: unknown): value is RelayedPort {
  return typeof value === 'object' && value !== null && 'relayed' in value && Number.isInteger(value.relayed);
}

function hasRelayed(arg: unknown): arg is { readonly port: RelayedPort } {
  return typeof arg === 'object' && arg !== null && 'port' in arg && isRelayed(arg.port);
}
