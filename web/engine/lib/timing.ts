/** Rejects with a TimeoutError where `work` takes longer. The work itself continues: IndexedDB cannot cancel it. */
export function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException(`No answer within ${limitMs} ms`, 'TimeoutError')), limitMs);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
