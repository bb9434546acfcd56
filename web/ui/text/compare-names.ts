import { formatLocale } from '../../language/current.ts';

let collator: Intl.Collator | null = null;
let collated = '';

/** Orders names as people count in the language of the page: "2" before "10", and without regard to upper case and accents. */
export function compareNames(a: string, b: string): number {
  if (collator === null || collated !== formatLocale()) {
    collated = formatLocale();
    collator = new Intl.Collator(collated, { numeric: true, sensitivity: 'base' });
  }
  return collator.compare(a, b);
}
