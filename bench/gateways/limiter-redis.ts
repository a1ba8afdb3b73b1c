// The same with a limit in Redis for each API key, counted by rate-limiter-flexible.
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { relayTo } from './relay.ts';
import { readSetup, serve } from './serve.ts';

const setup = readSetup();
const { redisPort } = setup;
if (redisPort === undefined) throw new Error('it needs the port of a Redis');
const relay = relayTo(setup.backendPort);
const storeClient = new Redis(redisPort, '127.0.0.1');
const limiter = new RateLimiterRedis({ storeClient, points: 1_000_000_000, duration: 60 });

await serve(setup, (incoming, answer) => {
  limiter.consume(String(incoming.headers.apikey)).then(
    () => relay(incoming, answer),
    () => answer.writeHead(429).end(),
  );
});
