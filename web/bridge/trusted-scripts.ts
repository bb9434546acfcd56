// oxlint-disable-next-line import/default -- the bundler makes the default export of an import with `?worker&url`.
import engineUrl from '../engine/worker.ts?worker&url';
// oxlint-disable-next-line import/default -- as above
import labUrl from '../lab/lab-worker.ts?worker&url';

/**
 * The only three scripts that the page starts besides itself. The server's Content-Security-Policy requires Trusted Types, so their URLs go
 * through one policy, which accepts these three only.
 */
const serviceWorkerUrl = '/service-worker.js';

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}

interface TrustedTypesHost {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
  };
}

const rules: ScriptUrlPolicy = {
  createScriptURL(url) {
    if (url !== engineUrl && url !== labUrl && url !== serviceWorkerUrl) throw new TypeError(`Not a script of this app: ${url}`);
    return url;
  },
};

const policy: ScriptUrlPolicy = (globalThis as TrustedTypesHost).trustedTypes?.createPolicy('tabswarm-scripts', rules) ?? rules;

export function createEngineWorker(): Worker {
  return new Worker(policy.createScriptURL(engineUrl), { type: 'module', name: 'engine' });
}

export function createLabWorker(): Worker {
  return new Worker(policy.createScriptURL(labUrl), { type: 'module', name: 'lab' });
}

export function registerServiceWorker(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.register(policy.createScriptURL(serviceWorkerUrl), { scope: '/', updateViaCache: 'none' });
}
