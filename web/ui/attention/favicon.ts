/** Pixels of a tab's icon on a fine screen. */
const size = 64;

/** Draws how far everything is around the icon of the tab; `null` brings the app's own icon back. */
export function showProgress(link: HTMLLinkElement, ownHref: string, progress: number | null): void {
  link.href = progress === null ? ownHref : (ringAt(progress) ?? ownHref);
}

function ringAt(progress: number): string | null {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  const middle = size / 2;
  pen.lineWidth = 12;
  pen.strokeStyle = '#9db7bb';
  pen.beginPath();
  pen.arc(middle, middle, middle - 7, 0, 2 * Math.PI);
  pen.stroke();
  pen.strokeStyle = '#0a8a95';
  pen.beginPath();
  pen.arc(middle, middle, middle - 7, -Math.PI / 2, 2 * Math.PI * progress - Math.PI / 2);
  pen.stroke();
  return canvas.toDataURL('image/png');
}
