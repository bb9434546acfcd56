/**
 * Which pages may use the tracker: those named at start and those of this server. It keeps other sites from using this tracker in their visitors'
 * browsers. Programs without an `Origin` are not browsers and could send any, so they are admitted.
 */
export class AllowedOrigins {
  readonly #allowed: ReadonlySet<string>;

  /** `allowed`: origins as browsers write them (RFC 6454, section 6.2); empty for everyone. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  /** `origin` and `host` are the headers of those names. */
  admits(origin: string | undefined, host: string | undefined): boolean {
    if (this.#allowed.size === 0 || origin === undefined || this.#allowed.has(origin)) return true;
    return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  }
}
