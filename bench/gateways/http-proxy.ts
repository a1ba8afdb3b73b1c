import { Agent } from 'node:http';
import httpProxy from 'http-proxy';
import { readSetup, serve } from './serve.ts';

const setup = readSetup();
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${setup.backendPort}`,
  agent: new Agent({ keepAlive: true, maxFreeSockets: 1024 }),
});
proxy.on('error', (_error, _request, answer) => void answer.destroy());

await serve(setup, (incoming, answer) => proxy.web(incoming, answer));
