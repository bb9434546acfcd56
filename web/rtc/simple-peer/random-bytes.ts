import { toHex } from '../../../shared/bytes.ts';

/** Names of peers and channels are random bytes in hexadecimal. */
const randomBytes = (count: number): { readonly toString: () => string } => {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return { toString: () => toHex(bytes) };
};

// The name under which CommonJS gets it.
export { randomBytes as 'module.exports' };
