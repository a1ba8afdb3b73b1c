// node:http towards the client, undici towards the backend.
import { relayTo } from './relay.ts';
import { readSetup, serve } from './serve.ts';

const setup = readSetup();
await serve(setup, relayTo(setup.backendPort));
