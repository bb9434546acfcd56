import { EngineServer, sendNotice, sendOrder } from '../bridge/worker-server.ts';
import { Engine } from './engine.ts';

const port = self as unknown as DedicatedWorkerGlobalScope;
const engine = new Engine({ notify: (notice) => sendNotice(port, notice), order: (order) => sendOrder(port, order) });
const server = new EngineServer({ port, handlers: engine.handlers, onReport: (report) => engine.report(report) });
server.listen();
