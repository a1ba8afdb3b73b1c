/** Which APIs the programs serve, and whether they are started anew for it. The last three have programs of their own: with and without limits, groups of endpoints and deadlines. */
export type Deployment =
  | 'few APIs'
  | 'many APIs'
  | 'few APIs, fresh programs'
  | 'limits'
  | 'shared limits'
  | 'endpoints';

/** A load under which the programs are compared. */
export interface Case {
  /** Name on the command line and in the JSON. */
  readonly key: string;
  readonly title: string;
  readonly deployment: Deployment;
  /** Connections with calls on them. */
  readonly connections: number;
  readonly answer: 'small' | 'large';
  /** Bytes of the body that is posted; 0 is a GET. */
  readonly bodyBytes: number;
  readonly tls: boolean;
  readonly connectionPerRequest: boolean;
  /** Further connections that made one call and rest while the load runs. */
  readonly idleConnections: number;
  /** Calls come at half the rate that the program can serve: what it adds to a call's time without a queue before it. */
  readonly halfLoad: boolean;
  /** The least length of a measurement, seconds: what happens once for each connection must be a small part of it. */
  readonly leastSeconds: number;
  /** So many times the rounds that are asked for: what is compared differs by less than rounds do. */
  readonly roundsTimes: number;
  /** Left out of a quick run unless asked for by name. */
  readonly slow: boolean;
}

/** APIs in the case of many. */
export const manyApis = 1000;

/** How many of them are called: each costs a subscription and a turn of the load generator. */
export const calledApis = 50;

/** Bytes of the two answers. */
export const answerBytes = { small: 1024, large: 1024 * 1024 };

const plain = {
  deployment: 'few APIs',
  connections: 64,
  answer: 'small',
  bodyBytes: 0,
  tls: false,
  connectionPerRequest: false,
  idleConnections: 0,
  halfLoad: false,
  leastSeconds: 1,
  roundsTimes: 1,
  slow: false,
} as const;

export const cases: readonly Case[] = [
  { ...plain, key: 'get-1k-64', title: '1 KiB GET, 64 connections' },
  { ...plain, key: 'get-1k-512', title: '1 KiB GET, 512 connections', connections: 512 },
  { ...plain, key: 'post-10k', title: '10 KiB POST, 64 connections', bodyBytes: 10 * 1024 },
  { ...plain, key: 'response-1m', title: '1 MiB response, 16 connections', answer: 'large', connections: 16 },
  { ...plain, key: 'tls', title: '1 KiB GET, TLS from the client, 64 connections', tls: true, leastSeconds: 4 },
  { ...plain, key: 'new-connection', title: '1 KiB GET, a new connection for each', connectionPerRequest: true },
  {
    ...plain,
    key: 'half-load',
    title: '1 KiB GET, half of what it can serve, 64 connections',
    halfLoad: true,
    slow: true,
  },
  {
    ...plain,
    key: 'apis-1000',
    title: `1 KiB GET, ${manyApis} APIs deployed, ${calledApis} of them called`,
    deployment: 'many APIs',
    slow: true,
  },
  {
    ...plain,
    key: 'idle-10000',
    title: '1 KiB GET, 64 connections beside 10,000 idle ones',
    deployment: 'few APIs, fresh programs',
    idleConnections: 10_000,
  },
  {
    ...plain,
    key: 'limits',
    title: '1 KiB GET, with and without limits, 64 connections',
    deployment: 'limits',
    roundsTimes: 4,
    slow: true,
  },
  {
    ...plain,
    key: 'shared-limits',
    title: '1 KiB GET, a limit shared in Redis, 64 connections',
    deployment: 'shared limits',
    slow: true,
  },
  {
    ...plain,
    key: 'endpoints',
    title: '1 KiB GET, with and without a group of endpoints and deadlines, 64 connections',
    deployment: 'endpoints',
    roundsTimes: 4,
    slow: true,
  },
];
