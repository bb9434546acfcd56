/** What a keyboard can reach, in the order of the page; headings have `tabindex="-1"`. */
const focusable = 'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), summary, [tabindex]';

/**
 * Keeps the focus near its place when the focused element is removed or disabled: browsers would move it to the body, and the next Tab would
 * start at the top of the page. Returns a function that ends it.
 */
export function keepFocus(root: HTMLElement): () => void {
  /** The focused element and its ancestors up to `root`, innermost first. */
  let path: HTMLElement[] = [];

  const remember = (event: FocusEvent): void => {
    path = [];
    for (let at = event.target; at instanceof HTMLElement && at !== root; at = at.parentElement) path.push(at);
  };
  const restore = (): void => {
    const [focused] = path;
    if (focused === undefined || document.activeElement !== document.body) return;
    if (focused.isConnected && !focused.matches(':disabled')) return;
    nextFocus(path, root)?.focus();
  };

  const observer = new MutationObserver(restore);
  observer.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
  root.addEventListener('focusin', remember);
  return () => {
    observer.disconnect();
    root.removeEventListener('focusin', remember);
  };
}

/** The first reachable element in the innermost ancestor that is still there. */
function nextFocus(path: readonly HTMLElement[], root: HTMLElement): HTMLElement | null {
  for (const place of [...path.slice(1).filter((element) => element.isConnected), root]) {
    const found = [...place.querySelectorAll<HTMLElement>(focusable)].find((element) => element.checkVisibility());
    if (found !== undefined) return found;
  }
  return null;
}
