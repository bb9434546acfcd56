/** Percent-encoding undone, where it is whole. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape: whoever reads it as a link then says in a sentence what is wrong with it.
    return text;
  }
}
