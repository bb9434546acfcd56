/** People search for a few words; each further one is another pass over all names. */
const maxWords = 8;

/** The form in which names and searches are compared: decomposed (Unicode NFKD), without marks, in lower case. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
}

/** The words of a search, folded; at most eight. */
export function searchWords(search: string): string[] {
  return folded(search)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, maxWords);
}
