import { pageScriptBytes } from '../../tools/page-script.js';
import type { Bench } from '../figures.ts';

export const pageSize: Bench = {
  name: 'page-size',
  measure: async () => [
    { name: 'JavaScript of the page before interaction, gzip', value: pageScriptBytes() / 1000, unit: 'kB', target: { atMost: 90 } },
  ],
};
