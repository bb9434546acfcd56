import type { Duplex } from 'node:stream';

/**
 * Answers a request for an upgrade with `status` and this header (`Name: value`). Node takes its own listeners off such a
 * stream: an unhandled error would end the process.
 */
export function refuseUpgrade(stream: Duplex, status: string, header: string): void {
  stream.once('error', () => stream.destroy());
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\n${header}\r\nContent-Length: 0\r\n\r\n`;
  // Half-closed it would keep its descriptor for as long as the client likes.
  stream.end(answer, () => stream.destroy());
}
