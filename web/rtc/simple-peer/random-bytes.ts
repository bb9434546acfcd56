/** Names of peers and channels are random bytes in hexadecimal. */
const randomBytes = (count: number): { readonly toString: () => string } => {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return { toString: () => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
};

// The name under which CommonJS gets it.
export { randomBytes as 'module.exports' };
