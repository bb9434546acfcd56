import { Tab } from './tabs/tab.ts';

const port = self as unknown as DedicatedWorkerGlobalScope;
port.onmessage = new Tab(port).onmessage;
