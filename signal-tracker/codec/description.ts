/**
 * A session description as it is written inside the quotes of a JSON string, each byte of its UTF-8 one unit. So it is relayed: from frame to frame and
 * from node to node it is never decoded.
 */

/** A control character, a unit above 255, or a backslash that begins no escape (RFC 8259, section 7). Of two backslashes the second may be taken for one. */
const malformed = /[^ -\u00ff]|\\(?!["\\/bfnrt]|u[\da-fA-F]{4})/;

/** The same exactly, at twice the time. Not a loop in a loop: one character or escape at a time, so that it is linear. */
const wellFormed = /^(?:[ !#-[\]-\u00ff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*$/;

/** Whether a text may stand between the quotes of a JSON string. */
export function isWrittenText(text: string): boolean {
  return closingQuote(text, 0) < 0 && isWrittenContent(text);
}

/** The same of a text that is known to hold no quote that would end the string. */
export function isWrittenContent(text: string): boolean {
  return !malformed.test(text) || wellFormed.test(text);
}

/** The first quote from `from` on that is not escaped; -1 if there is none. */
export function closingQuote(json: string, from: number): number {
  let quote = json.indexOf('"', from);
  while (quote >= 0 && isEscaped(json, quote, from)) quote = json.indexOf('"', quote + 1);
  return quote;
}

function isEscaped(json: string, quote: number, from: number): boolean {
  let at = quote;
  while (at > from && json[at - 1] === '\\') at--;
  return (quote - at) % 2 === 1;
}

/** Writes a decoded description. */
export function writtenText(text: string): string {
  return Buffer.from(JSON.stringify(text).slice(1, -1)).toString('latin1');
}
