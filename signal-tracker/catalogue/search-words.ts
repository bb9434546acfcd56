/** A search box holds a few words; every further one is another pass over all names. */
const maxWords = 8;

/** How names and searches are compared: compatibility forms and accents apart (Unicode NFKD), without marks, in lower case. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
}

/** The words of a search, folded; those beyond the eighth are left out. */
export function searchWords(search: string): string[] {
  return folded(search)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, maxWords);
}
