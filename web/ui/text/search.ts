/** Tells whether a text contains `search`, without regard to upper case, accents and spaces around it. Every text contains `''`. */
export function searchFor(search: string): (text: string) => boolean {
  const wanted = folded(search.trim());
  return wanted === '' ? () => true : (text) => folded(text).includes(wanted);
}

function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
