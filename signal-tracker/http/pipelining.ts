import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Milliseconds } from '../../shared/ids.ts';

/** Requests of one connection that may be unanswered at a time. Browsers send the next one after the answer; Node parses a whole chunk of them at once. */
const maxUnanswered = 16;

/** A file of the app comes through a line of 64 kbit/s in 40 s. What takes longer is a reader that holds a connection. */
const sentWithinMs: Milliseconds = 120_000;

const unanswered = new WeakMap<Socket, number>();

/** Counts a request until its answer is sent. False, and its connection is gone, if there are too many unanswered ones on it. */
export function admitRequest({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const count = (unanswered.get(socket) ?? 0) + 1;
  if (count > maxUnanswered) {
    socket.destroy();
    return false;
  }
  unanswered.set(socket, count);
  response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
  return true;
}

/** An answer that is complete in memory must be taken within two minutes. */
export function limitSending(response: ServerResponse): void {
  if (response.writableFinished) return;
  const deadline = setTimeout(() => response.destroy(), sentWithinMs);
  deadline.unref();
  response.once('close', () => clearTimeout(deadline));
}
