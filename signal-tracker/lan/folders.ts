import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where this user keeps settings of programs, by the conventions of the system. */
export function configFolder(environment: Environment, platform: NodeJS.Platform, home = homedir()): string {
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Tabswarm');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tabswarm');
  return join(filled(environment['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'tabswarm');
}

/** Where `mkcert` keeps its authority (its README, "Changing the location of the CA files"). */
export function mkcertFolder(environment: Environment, platform: NodeJS.Platform, home = homedir()): string {
  const chosen = filled(environment['CAROOT']);
  if (chosen !== undefined) return chosen;
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'mkcert');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'mkcert');
  return join(filled(environment['XDG_DATA_HOME']) ?? join(home, '.local', 'share'), 'mkcert');
}

function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
