/** Chances in a thousand with which a Worker's IndexedDB fails, each time it is used. */
export interface FaultPlan {
  readonly seed: number;
  /** A transaction is aborted. */
  readonly abort: number;
  /** A writing transaction fails for want of room. */
  readonly quota: number;
  /** The browser closes the connection: its transactions are aborted, then it hears `close`. */
  readonly close: number;
  /** All transactions that are under way are aborted at once. */
  readonly together: number;
  readonly openFails: number;
  readonly openIsSlow: number;
  readonly slowOpenMs: number;
}

export const noFaults: FaultPlan = { seed: 1, abort: 0, quota: 0, close: 0, together: 0, openFails: 0, openIsSlow: 0, slowOpenMs: 0 };

/** Answered by the site: the plan with which a Worker starts. */
export const planPath = '/soak/faults';

/** What a Worker says to the site for each fault: this and its kind. */
export const faultPath = '/soak/fault/';

/** A `BroadcastChannel` that changes the plan of a Worker that runs. */
export const planChannel = 'soak-faults';

/** Put before the script of a Worker. */
export const faultyIndexedDb = `(${install.toString()})(${JSON.stringify({ planPath, faultPath, planChannel })});\n`;

/** Runs in the Worker, before its own code. May not use anything of this module. */
function install(names: { readonly planPath: string; readonly faultPath: string; readonly planChannel: string }): void {
  const ask = new XMLHttpRequest();
  ask.open('GET', names.planPath, false);
  ask.send();
  let plan = JSON.parse(ask.responseText) as FaultPlan;
  let state = plan.seed;
  new BroadcastChannel(names.planChannel).addEventListener('message', ({ data }: MessageEvent<FaultPlan>) => (plan = data));

  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const happens = (perThousand: number): boolean => below(1000) < perThousand;
  const tell = (kind: string): void => void fetch(names.faultPath + kind);

  const underWay = new Map<IDBTransaction, IDBDatabase>();
  const errors = new WeakMap<IDBTransaction, DOMException>();
  const errorOf = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'error')?.get;
  Object.defineProperty(IDBTransaction.prototype, 'error', {
    configurable: true,
    get(this: IDBTransaction) {
      return errors.get(this) ?? errorOf?.call(this);
    },
  });

  const abort = (transaction: IDBTransaction, kind: string): void => {
    if (!underWay.delete(transaction)) return;
    try {
      transaction.abort();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
      // It is being committed. Thrown in a timer, this would end the Worker.
      return tell('tooLate');
    }
    if (kind === 'quota') errors.set(transaction, new DOMException('Injected by the soak', 'QuotaExceededError'));
    tell(kind);
  };
  const close = (database: IDBDatabase): void => {
    for (const [transaction, its] of underWay) if (its === database) abort(transaction, 'close');
    database.close();
    setTimeout(() => database.dispatchEvent(new Event('close')));
  };
  const fail = (transaction: IDBTransaction, database: IDBDatabase): void => {
    const isWriting = transaction.mode === 'readwrite';
    if (happens(plan.abort)) abort(transaction, 'abort');
    else if (isWriting && happens(plan.quota)) abort(transaction, 'quota');
    else if (happens(plan.close)) close(database);
    else if (happens(plan.together)) for (const each of underWay.keys()) abort(each, 'together');
  };

  const makeTransaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function faulty(this: IDBDatabase, ...args) {
    const transaction = makeTransaction.apply(this, args);
    underWay.set(transaction, this);
    const over = (): void => void underWay.delete(transaction);
    transaction.addEventListener('complete', over);
    transaction.addEventListener('abort', over);
    // After the requests were made, or a moment later.
    if (below(2) === 0) queueMicrotask(() => fail(transaction, this));
    else setTimeout(() => underWay.has(transaction) && fail(transaction, this), below(4));
    return transaction;
  };

  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function faulty(this: IDBFactory, ...args) {
    const fails = happens(plan.openFails);
    const delayMs = happens(plan.openIsSlow) ? plan.slowOpenMs : 0;
    if (!fails && delayMs === 0) return open.apply(this, args);
    tell(fails ? 'openFails' : 'openIsSlow');
    // What idb-keyval uses of a request.
    const request = { result: null as unknown, error: null as DOMException | null } as unknown as Record<string, unknown> &
      IDBOpenDBRequest;
    setTimeout(() => {
      if (fails) {
        Object.assign(request, { error: new DOMException('Injected by the soak', 'UnknownError') });
        return request.onerror?.(new Event('error'));
      }
      const real = open.apply(this, args);
      for (const name of ['onupgradeneeded', 'onsuccess', 'onerror', 'onblocked'] as const) {
        real[name] = (event: Event) => {
          const { result, error } = real.readyState === 'done' ? outcome(real) : { result: null, error: null };
          Object.assign(request, { result, error });
          (request[name] as ((event: Event) => void) | undefined)?.(event);
        };
      }
    }, delayMs);
    return request;
  };
  const outcome = (request: IDBOpenDBRequest): Pick<IDBOpenDBRequest, 'error'> & { readonly result: IDBDatabase | null } =>
    request.error === null ? { result: request.result, error: null } : { result: null, error: request.error };
}
