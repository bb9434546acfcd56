/** What one contestant did on one path. */
export interface Sample {
  /** 10^6 bytes a second. */
  readonly megabytesPerSecond: number;
  /** CPU of both browsers, per megabyte received. */
  readonly cpuMsPerMegabyte: number;
  /** From the receiver's wish to the first bytes that count. */
  readonly firstBytesSeconds: number;
  /** Median round trip from the sender's home meanwhile. */
  readonly pingMs: number;
  /** What a TCP stream on the sender's line got meanwhile, in 10^6 bytes a second; `null` where there was none. */
  readonly tcpMegabytesPerSecond: number | null;
}
