import type { Page } from 'playwright';

/** Counts tasks over 50 ms (what the Long Tasks API reports) on the page's main thread from now on. */
function count(): void {
  window.longTasks = 0;
  new PerformanceObserver((list) => (window.longTasks = (window.longTasks ?? 0) + list.getEntries().length)).observe({ type: 'longtask' });
}

declare global {
  interface Window {
    longTasks?: number;
  }
}

export function countLongTasks(page: Page): Promise<void> {
  return page.evaluate(count);
}

/** Since {@link countLongTasks}. */
export function longTasksOf(page: Page): Promise<number> {
  return page.evaluate(() => window.longTasks ?? 0);
}
