import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Answers a path that is not a file. If it throws or rejects, that is our bug: the client gets a 500 without details. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export function sendJson(response: ServerResponse, value: unknown): void {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
  send(response, 200, headers, Buffer.from(JSON.stringify(value)));
}

export function sendText(response: ServerResponse, status: number, text: string, more: OutgoingHttpHeaders = {}): void {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...more };
  send(response, status, headers, Buffer.from(text));
}

/** Node sends only the headers to a HEAD request. */
export function send(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body?: Buffer): void {
  response.writeHead(status, body === undefined ? headers : { ...headers, 'Content-Length': body.length });
  response.end(body);
}
