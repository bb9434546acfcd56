/**
 * Under which names this server may be addressed. A page of another site can lead its own name to this machine (DNS rebinding) and would then
 * be of the same origin as this server; its requests still carry that site's name.
 */
export class AllowedHosts {
  readonly #names: () => readonly string[];

  /** `names`: host names and addresses of now, in lower case and without ports. */
  constructor(names: () => readonly string[]) {
    this.#names = names;
  }

  /** `host` is the header of that name (RFC 9110, section 7.2); the port does not matter. */
  admits(host: string | undefined): boolean {
    return host !== undefined && this.#names().includes(nameOf(host));
  }
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '::1']);

export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && loopbackNames.has(nameOf(host));
}

function nameOf(host: string): string {
  const name = /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, '');
  return name.toLowerCase().replace(/\.$/, '');
}
