import type { Page } from 'playwright';

/**
 * Goes through the page (or its open dialog) by Tab, from the top to the end. Returns what is wrong: what cannot be reached, what has no visible focus,
 * and where the focus falls to the body on the way.
 */
export async function tabThrough(page: Page): Promise<string[]> {
  const expected = await page.evaluate(expectAll);
  if (expected === 0) throw new Error('The page has nothing to go through.');
  const wrong: string[] = [];
  for (let step = 0; step < 2 * expected + 2; step++) {
    await page.keyboard.press('Tab');
    const { ended, finding } = await page.evaluate(look);
    if (finding !== null) wrong.push(finding);
    if (ended) break;
  }
  return [...wrong, ...(await page.evaluate(missed))];
}

declare global {
  interface Window {
    /** What Tab has to reach, without what it has reached. */
    unreached?: Set<Element>;
  }
}

/** From the top: before the first element of the page, or of the dialog. Returns how many elements Tab has to reach. */
function expectAll(): number {
  const root = document.querySelector('dialog[open]') ?? document.body;
  const all = [...root.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]')];
  const reachable = all.filter(
    (element) =>
      element.tabIndex >= 0 &&
      !element.matches(':disabled') &&
      element.checkVisibility({ visibilityProperty: true }) &&
      !(element instanceof HTMLInputElement && element.type === 'radio' && !element.checked),
  );
  window.unreached = new Set(reachable);
  const top = document.createElement('span');
  top.id = 'top-for-tab';
  top.tabIndex = -1;
  root.prepend(top);
  top.focus();
  return reachable.length;
}

function look(): { readonly ended: boolean; readonly finding: string | null } {
  const { activeElement: focused } = document;
  const unreached = window.unreached ?? new Set();
  // After the last element the browser's own controls come.
  if (focused === null || focused === document.body) {
    return { ended: true, finding: unreached.size > 0 ? 'the focus is on the body' : null };
  }
  if (!unreached.delete(focused)) return { ended: unreached.size === 0, finding: null };
  const near = [focused, focused.parentElement, focused.parentElement?.parentElement].filter((element) => element instanceof Element);
  const isSeen = near.some((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  });
  return { ended: false, finding: isSeen ? null : `no visible focus: ${focused.outerHTML.slice(0, 120)}` };
}

function missed(): string[] {
  document.querySelector('#top-for-tab')?.remove();
  return Array.from(window.unreached ?? [], (element) => `not reached: ${element.outerHTML.slice(0, 120)}`);
}
