import { type DeployedApi, type Plan, packGraphqlSchema } from '@sluice/model';
import { operation } from '../../../packages/gateway/testing/entities.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls, plan } from '../plans.ts';
import type { ReasonName } from '../reasons.ts';
import { operationPlan, planEntry, type Site, tested } from '../site.ts';
import type { Ask, World } from '../world.ts';

const schema = `
  type Query { book(id: ID, first: Int): Book  books(limit: Int, Last: Int, author: String): [Book]  open: Book }
  type Mutation { add(title: String): Book }
  type Book { name: String  author: Author  parts(first: Int): [Book] }
  type Author { name: String  books(first: Int): [Book] }
`;

/** The API `orders` as one of GraphQL; a book costs 3 and the name of an author 10, everything else 1. */
function shop(subscription: Partial<Plan> = {}, throttlingPolicy = 'Unlimited'): Site {
  const api: Partial<DeployedApi> = {
    type: 'GRAPHQL',
    operations: [
      operation('QUERY', 'book', { throttlingPolicy }),
      operation('QUERY', 'books', { throttlingPolicy }),
      operation('QUERY', 'open', { authType: 'None' }),
      operation('MUTATION', 'add', { throttlingPolicy }),
    ],
    graphql: { schema: packGraphqlSchema(schema), complexity: { Query: { book: 3 }, Author: { name: 10 } } },
  };
  return { api, subscription };
}

function query(text: string, variables: object = {}, client?: null): Ask {
  return {
    ...(client === undefined ? {} : { client }),
    ...{ path: '/orders/1.0.0', method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ query: text, variables }),
  };
}

/** A bound, queries that keep it, and queries that do not. */
const bounds: readonly {
  readonly name: string;
  readonly title: string;
  readonly plan: Partial<Plan>;
  readonly keeps: readonly Ask[];
  readonly breaks: readonly Ask[];
  readonly reason: ReasonName;
}[] = [
  {
    ...{ name: 'depth', title: 'the greatest depth passes, one more does not', reason: 'tooDeep' },
    plan: { graphQLMaxDepth: 3 },
    keeps: [query('{ book { author { name } } }'), query('{ book { name } a: book { name } }')],
    breaks: [query('{ book { author { books { name } } } }')],
  },
  {
    ...{ name: 'depth-fragments', title: 'fragments are as deep as what they hold', reason: 'tooDeep' },
    plan: { graphQLMaxDepth: 2 },
    keeps: [query('{ ...Q } fragment Q on Query { ...on Query { book { ...B } } } fragment B on Book { name }')],
    breaks: [
      query('{ book { ...B } } fragment B on Book { author { name } }'),
      query('{ book { ...on Book { author { name } } } }'),
    ],
  },
  {
    ...{
      name: 'depth-operations',
      title: 'all operations of a document are held against the depth',
      reason: 'tooDeep',
    },
    plan: { graphQLMaxDepth: 2 },
    keeps: [query('query a { book { name } } query b { books { name } }')],
    breaks: [query('query a { book { name } } query b { books { author { name } } }')],
  },
  {
    ...{ name: 'depth-mutation', title: 'mutations are held against the depth', reason: 'tooDeep' },
    plan: { graphQLMaxDepth: 2 },
    keeps: [query('mutation { add(title: "x") { name } }')],
    breaks: [query('mutation { add(title: "x") { author { name } } }')],
  },
  {
    ...{ name: 'cost', title: 'a field costs 1, or what is said of it, and all below it', reason: 'tooComplex' },
    plan: { graphQLMaxComplexity: 14 },
    keeps: [query('{ book { name } }'), query('{ books { author { name } name name } }')],
    breaks: [query('{ book { author { name } name } }'), query('{ books { author { name name } } }')],
  },
  {
    ...{ name: 'cost-amount', title: 'a field costs as often as first, last or limit say', reason: 'tooComplex' },
    plan: { graphQLMaxComplexity: 8 },
    keeps: [
      query('{ book(first: 2) { name } }'),
      query('{ books(Last: 4) { name } }'),
      query('{ books(limit: 0) { author { name } } }'),
    ],
    breaks: [
      query('{ book(first: 3) { name } }'),
      query('{ books(Last: 5) { name } }'),
      query('{ books(limit: -1) { author { name } } }'),
    ],
  },
  {
    ...{ name: 'cost-arguments', title: 'every other argument counts 1 beside the amount', reason: 'tooComplex' },
    plan: { graphQLMaxComplexity: 4 },
    keeps: [query('{ books(author: "x") { name } }'), query('{ books(limit: 1, author: "x") { name } }')],
    breaks: [query('{ books(limit: 2, author: "x") { name } }')],
  },
  {
    ...{ name: 'cost-variable', title: 'a variable counts by its value, or by its default', reason: 'tooComplex' },
    plan: { graphQLMaxComplexity: 8 },
    keeps: [query('query ($n: Int) { books(limit: $n) { name } }', { n: 4 })],
    breaks: [
      query('query ($n: Int) { books(limit: $n) { name } }', { n: 5 }),
      query('query ($n: Int = 5) { books(limit: $n) { name } }'),
    ],
  },
  {
    ...{ name: 'cost-nested', title: 'amounts in one another are multiplied', reason: 'tooComplex' },
    plan: { graphQLMaxComplexity: 30 },
    keeps: [query('{ books(limit: 5) { author { books(first: 2) { name } } } }')],
    breaks: [query('{ books(limit: 5) { author { books(first: 3) { name } } } }')],
  },
  {
    ...{ name: 'cost-fragments', title: 'a fragment counts wherever it is spread', reason: 'tooComplex' },
    plan: { graphQLMaxComplexity: 9 },
    keeps: [query('{ books { ...B } a: books { ...B } } fragment B on Book { name parts { name } }')],
    breaks: [query('{ books { ...B } a: books { ...B ...B } } fragment B on Book { name parts { name } }')],
  },
  {
    ...{
      name: 'cost-doubling',
      title: 'fragments that double the cost again and again take no time',
      reason: 'tooComplex',
    },
    plan: { graphQLMaxComplexity: 1_000_000 },
    keeps: [query(doubling(15))],
    breaks: [query(doubling(60))],
  },
  {
    ...{ name: 'circle', title: 'fragments that hold themselves are no query', reason: 'invalidQuery' },
    plan: { graphQLMaxDepth: 50, graphQLMaxComplexity: 50 },
    keeps: [query('{ book { ...A } } fragment A on Book { ...B } fragment B on Book { name }')],
    breaks: [query('{ book { ...A } } fragment A on Book { ...B } fragment B on Book { ...A }')],
  },
];

function doubling(times: number): string {
  const fragments = Array.from(
    { length: times },
    (_, at) => `fragment F${at} on Book { x: parts { ...F${at + 1} } y: parts { ...F${at + 1} } }`,
  );
  return `{ book { ...F0 } } ${fragments.join(' ')} fragment F${times} on Book { name }`;
}

/** Depth and complexity of queries, and what is counted of them (wso2-policies-and-kinds.md 3). */
export const graphqlCases: readonly ThrottlingCase[] = [
  ...bounds.map(({ name, title, plan: bound, keeps, breaks, reason }) => ({
    ...{ id: `graphql/${name}`, section: 'issue 5.1', title },
    async play(world: World) {
      await world.serve(shop(bound));
      for (const ask of keeps) await world.admits(1, ask);
      for (const ask of breaks) await world.refuses(reason, ask);
    },
  })),
  {
    ...{
      id: 'graphql/refused-costs-nothing',
      section: 'issue 5.3',
      title: 'a query that is too deep or too dear is not counted',
    },
    async play(world) {
      await world.serve(shop({ quota: calls(2), graphQLMaxDepth: 3, graphQLMaxComplexity: 20 }));
      const within = query('{ books { name } }');
      await world.admits(1, within);
      for (let i = 0; i < 3; i++) {
        await world.refuses('tooDeep', query('{ book { author { books { name } } } }'));
        await world.refuses('tooComplex', query('{ books(limit: 20) { name } }'));
      }
      await world.admitsExactly(1, 'subscription', within);
    },
  },
  {
    ...{ id: 'graphql/changed-bound', section: 'issue 5.2', title: 'a bound that is changed holds at once' },
    async play(world) {
      await world.serve(shop({ graphQLMaxDepth: 1 }));
      const ask = query('{ book { name } }');
      await world.refuses('tooDeep', ask);
      const { subscription } = shop({ graphQLMaxDepth: 2 });
      await world.put(planEntry(plan('subscription', tested, subscription ?? {})));
      await world.admits(1, ask);
    },
  },
  {
    ...{ id: 'graphql/without-token', section: 'issue 5.1', title: 'who has no subscription has no bounds of one' },
    async play(world) {
      await world.serve(shop({ graphQLMaxDepth: 1, graphQLMaxComplexity: 1 }));
      await world.admits(1, query('{ open { author { name } } }', {}, null));
      await world.refuses('tooDeep', query('{ open { author { name } } book { name } }'));
    },
  },
  {
    ...{
      id: 'graphql/each-field',
      section: 'issue 5.1',
      title: 'each field of a query counts against its own plan, all or nothing',
    },
    async play(world) {
      await world.serve({ ...shop({}, operationPlan), operationPlan: { quota: calls(2) } });
      await world.admits(1, query('{ book { name } a: book { name } }'));
      await world.admits(1, query('{ book { name } books { name } }'));
      await world.refuses('operation', query('{ book { name } books { name } }'));
      await world.refuses('operation', query('{ b: book { name } }'));
      await world.admitsExactly(1, 'operation', query('{ books { name } }'));
      await world.admits(2, query('mutation { add { name } }'));
    },
  },
  {
    ...{
      id: 'graphql/api-plan',
      section: 'WSO2 7.1',
      title: 'the plan of the API counts a query once, whatever it asks for',
    },
    async play(world) {
      await world.serve({
        ...shop({}, operationPlan),
        operationPlan: { quota: calls(1) },
        apiPlan: { quota: calls(3) },
      });
      await world.admitsExactly(3, 'api', query('{ book { name } books { name } }'));
      await world.refuses('api', query('mutation { add { name } }'));
    },
  },
];
