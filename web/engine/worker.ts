import { EngineServer } from '../bridge/worker-server.ts';
import { Engine } from './engine.ts';

const port = self as unknown as DedicatedWorkerGlobalScope;
const engine = new Engine({
  notify: (notice) => port.postMessage({ notice }),
  order: (rtc) => port.postMessage({ rtc }),
  stepping: (id) => port.postMessage({ stepping: id }),
});
new EngineServer(port, engine).listen();
