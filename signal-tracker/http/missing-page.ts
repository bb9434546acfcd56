import type { IncomingMessage, ServerResponse } from 'node:http';
import { send, sendText } from './responses.ts';
import page from './missing.html?raw';

const body = Buffer.from(page);

/** A 404: a page with a link home for browsers, one sentence for programs. */
export function sendMissing(request: IncomingMessage, response: ServerResponse): void {
  const headers = { 'Cache-Control': 'no-store', Vary: 'Accept' };
  if ((request.headers.accept ?? '').includes('text/html')) {
    send(response, 404, { ...headers, 'Content-Type': 'text/html; charset=utf-8' }, body);
  } else {
    sendText(response, 404, 'There is nothing at this address.', headers);
  }
}
