/** Percent-decoded text; unchanged where an escape is broken. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape: reading it as a link fails with its own sentence.
    return text;
  }
}
