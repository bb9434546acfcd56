import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlockRef } from '../../../ids.ts';
import { blockBytes } from '../../../limits.ts';
import { RequestQueue } from './request-queue.ts';

const request = fc.record({
  piece: fc.nat(2),
  begin: fc.constantFrom(0, blockBytes, 8),
  length: fc.constantFrom(blockBytes, 1),
});

const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), request }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), request }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('handOut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), piece: fc.option(fc.nat(2), { nil: undefined }) }) },
);

type Queue = Pick<RequestQueue, 'add' | 'cancel' | 'clear' | 'next' | 'handOut' | 'waiting' | 'isBetweenPieces'>;

const isSame = (a: BlockRef) => (b: BlockRef) => a.piece === b.piece && a.begin === b.begin && a.length === b.length;

/** The slow obvious model: a list. */
class PlainQueue implements Queue {
  #list: BlockRef[] = [];
  #lastPiece = -1;

  get waiting(): number {
    return this.#list.length;
  }

  get isBetweenPieces(): boolean {
    return this.#list[0]?.piece !== this.#lastPiece;
  }

  add(added: BlockRef): void {
    if (!this.#list.some(isSame(added))) this.#list.push(added);
  }

  cancel(cancelled: BlockRef): boolean {
    const before = this.#list.length;
    this.#list = this.#list.filter((waiting) => !isSame(cancelled)(waiting));
    return this.#list.length < before;
  }

  clear(piece?: number): BlockRef[] {
    const isCleared = (waiting: BlockRef): boolean => piece === undefined || piece === waiting.piece;
    const cleared = this.#list.filter(isCleared);
    this.#list = this.#list.filter((waiting) => !isCleared(waiting));
    return cleared;
  }

  next(): BlockRef | null {
    return this.#list[0] ?? null;
  }

  handOut(_now: number, handed: BlockRef): void {
    this.#lastPiece = handed.piece;
    this.#list.shift();
  }
}

function answer(queue: Queue, step: typeof change extends fc.Arbitrary<infer T> ? T : never): unknown {
  if (step.kind === 'add') return queue.add({ ...step.request });
  if (step.kind === 'cancel') return queue.cancel(step.request);
  if (step.kind === 'clear') return queue.clear(step.piece);
  const next = queue.next(Number.POSITIVE_INFINITY);
  if (next !== null) queue.handOut(0, next);
  return next;
}

test('any sequence of changes leaves the requests in the order they came, as a plain list says', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300, size: 'max' }), (changes) => {
      const [queue, plain] = [new RequestQueue(), new PlainQueue()];
      for (const step of changes) {
        expect(answer(queue, step)).toEqual(answer(plain, step));
        expect([queue.waiting, queue.isBetweenPieces]).toEqual([plain.waiting, plain.isBetweenPieces]);
      }
    }),
  );
});
