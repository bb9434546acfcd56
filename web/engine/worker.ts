import type { ToWorker } from '../bridge/protocol.ts';
import { Tab } from './tabs/tab.ts';

const port = self as unknown as DedicatedWorkerGlobalScope;
const tab = new Tab(port);
port.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => tab.receive(data));
