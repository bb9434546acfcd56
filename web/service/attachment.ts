/**
 * A `Content-Disposition` for any name: an ASCII fallback and the name itself in UTF-8 (RFC 6266 section 4.3, RFC 8187).
 * What is not an `attr-char` is percent-encoded, so no name can end the header or begin another.
 */
export function attachment(fileName: string): string {
  const fallback = fileName.replaceAll(/[^\w. -]/g, '_');
  const encoded = encodeURIComponent(fileName.replaceAll(/\p{Surrogate}/gu, '_')).replaceAll(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${fallback}"; filename*=UTF-8''${encoded}`;
}
