const form = /^(stun|turn)s?:(?:\[[\d.:a-f]+\]|[\p{L}\p{M}\p{N}._-]+)(?::(\d{1,5}))?(\?transport=(?:udp|tcp))?$/iu;

/**
 * Whether browsers take it for the URL of a STUN or TURN server (RFC 7064, RFC 7065). One that they refuse leaves a page without any connection:
 * with it they refuse all the others.
 */
export function isIceServerUrl(url: string, scheme: 'stun' | 'turn' | 'any' = 'any'): boolean {
  const [whole, found = '', port, transport] = form.exec(url) ?? [];
  if (whole === undefined || (scheme !== 'any' && found.toLowerCase() !== scheme)) return false;
  const hasPort = port === undefined || (Number(port) > 0 && Number(port) <= 65_535);
  return hasPort && (transport === undefined || found.toLowerCase() === 'turn');
}
