/** Reads what it needs of the page, and returns what draws. */
type Read = () => () => void;

const waiting = new Set<Read>();
let isPlanned = false;

/**
 * In the next frame, with everything else that waits for it: first all that read, then all that draw. One after the other, each canvas that gets a
 * new size would make the next one's look at the page lay the whole list out again: 30 ms for 30 rows. Returns what cancels it.
 */
export function drawSoon(read: Read): () => void {
  waiting.add(read);
  if (!isPlanned) requestAnimationFrame(drawAll);
  isPlanned = true;
  return () => void waiting.delete(read);
}

function drawAll(): void {
  isPlanned = false;
  const draws = [...waiting].map((read) => read());
  waiting.clear();
  for (const draw of draws) draw();
}
