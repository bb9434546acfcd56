import type { CDPSession, Page } from 'playwright';

/** An event of Chromium's trace, as far as it is read here. `tdur`: time on the processor in µs. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string; readonly processId?: number } };
}

/**
 * The tasks of a page's main thread by their time on the processor, from Chromium's trace. The Long Tasks API reports time on the clock, which
 * counts whatever else a busy machine does meanwhile: 25 tasks over 50 ms where the processor's time had 16.
 */
export class ProcessorTasks {
  readonly #session: CDPSession;
  readonly #events: TraceEvent[] = [];

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on('Tracing.dataCollected', ({ value }) => {
      for (const event of value as unknown as TraceEvent[]) if (isRead(event)) this.#events.push(event);
    });
  }

  /** From the page's next document on, also over a reload. */
  static async of(page: Page): Promise<ProcessorTasks> {
    const session = await page.context().newCDPSession(page);
    const tasks = new ProcessorTasks(session);
    await session.send('Tracing.start', {
      traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'], excludedCategories: ['*'] },
      transferMode: 'ReportEvents',
    });
    return tasks;
  }

  /** Ends the trace. How many milliseconds of processor time each task took, longest first. */
  async end(): Promise<number[]> {
    const complete = new Promise<void>((resolve) => this.#session.once('Tracing.tracingComplete', () => resolve()));
    await this.#session.send('Tracing.end');
    await complete;
    // The browser has pages of its own, whose long tasks are not ours.
    const pages = new Set(this.#events.filter(isOfSite).map(({ args }) => args?.data?.processId));
    const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
    const main = new Set(this.#events.filter((event) => isMainThread(event) && pages.has(event.pid)).map(thread));
    const tasks = this.#events.filter((event) => event.name === 'RunTask' && main.has(thread(event)));
    if (tasks.length === 0) throw new Error('The trace has no task of the page.');
    return tasks.map(({ tdur = 0 }) => tdur / 1000).toSorted((a, b) => b - a);
  }
}

function isRead({ name }: TraceEvent): boolean {
  return name === 'RunTask' || name === 'thread_name' || name === 'FrameCommittedInBrowser';
}

function isOfSite({ name, args }: TraceEvent): boolean {
  return name === 'FrameCommittedInBrowser' && args?.data?.url?.startsWith('http') === true;
}

function isMainThread({ name, args }: TraceEvent): boolean {
  return name === 'thread_name' && args?.name === 'CrRendererMain';
}
