import { formatLocale } from '../../language/current.ts';

/** Names in a sentence. Each is isolated: in Arabic their brackets and digits would change sides. */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat(formatLocale()).format(names.map((name) => `\u2068${name}\u2069`));
}
