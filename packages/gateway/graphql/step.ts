import { errors } from '@sluice/model';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import { complexityOf, depthOf } from './cost.ts';
import { QueryDocument, QueryError } from './document.ts';
import { type GraphqlRequest, requestInBody, requestInQuery, speaksInQuery } from './request.ts';
import { type Graphql, loadGraphql } from './schema.ts';

/** A query, read. */
export interface ReadQuery {
  readonly request: GraphqlRequest;
  readonly document: QueryDocument;
  readonly node: DocumentNode;
  readonly graphql: Graphql;
}

/** Characters of what an answer says is wrong with a query. */
const longestDetail = 300;

/** Fields that every type has and that ask a backend for nothing. */
const ownFields: ReadonlySet<string> = new Set(['__typename']);

/** Reads the query of a call, finds the operations that it asks for, and goes on with their steps. */
export function readQuery(exchange: Exchange): boolean {
  const { call, settings } = exchange;
  if (call.head.webSocketKey !== null) return invalid(exchange, 'Subscriptions over WebSocket are not served here.');
  const { maxBody } = settings.throttler.graphql;
  const isGet = call.head.method === 'GET';
  call.gather(isGet ? 0 : maxBody, (body) => {
    // A backend might read the body of a GET all the same.
    if (isGet) void readOn(exchange, body === null ? undefined : requestInQuery(call.head.query));
    else if (body === null) fail(exchange, errors.graphqlBodyTooLarge, { limit: maxBody });
    else void readOn(exchange, requestOf(exchange, body));
  });
  return false;
}

/** The query of a POST; undefined where the address and the body may each hold one. */
function requestOf({ call: { head } }: Exchange, body: Buffer): GraphqlRequest | undefined {
  if (speaksInQuery(head.query)) return body.length === 0 ? requestInQuery(head.query) : undefined;
  return requestInBody(body, head.header('content-type') ?? '', head.header('content-encoding') ?? '');
}

async function readOn(exchange: Exchange, request: GraphqlRequest | undefined): Promise<void> {
  try {
    if (request === undefined) {
      invalid(exchange, 'Invalid query parameter');
      return;
    }
    const graphql = await loadGraphql();
    if (elect(exchange, request, graphql)) proceed(exchange);
  } catch (error) {
    exchange.settings.log.error('A query of GraphQL could not be handled', { request: exchange.call.id, error });
    fail(exchange, errors.gatewayFailure);
  }
}

/** Leaves `operation` and `query`. */
function elect(exchange: Exchange, request: GraphqlRequest, graphql: Graphql): boolean {
  const operations = exchange.api?.graphql ?? null;
  if (operations === null) return fail(exchange, errors.noResource);
  try {
    const { maxTokens } = exchange.settings.throttler.graphql;
    const node = graphql.parse(request.query, { maxTokens, noLocation: true });
    const document = new QueryDocument(node);
    const kinds = new Set(document.operations.map(({ operation }) => operation));
    if (kinds.size > 1) return invalid(exchange, 'The document has operations of several kinds.');
    const fields = new Set(document.operations.flatMap((operation) => [...document.rootFields(operation)]));
    for (const name of ownFields) if (fields.size > 1) fields.delete(name);
    const verb = (document.operations[0] as OperationDefinitionNode).operation.toUpperCase();
    const operation = operations.find(verb, fields);
    if (operation === undefined) return fail(exchange, errors.noResource);
    exchange.operation = operation;
    exchange.query = { request, document, node, graphql };
    return true;
  } catch (error) {
    return refuseUnreadable(exchange, error);
  }
}

function proceed(exchange: Exchange): void {
  for (const step of exchange.operation?.steps ?? []) if (!step(exchange)) return;
}

/** 422, 400 900820 or 900821: holds a query against the schema and against the bounds of the subscription's plan (wso2-policies-and-kinds.md 3.3). */
export function checkQuery(exchange: Exchange): boolean {
  const { query, api } = exchange;
  if (query === null || api?.graphql == null) return true;
  const { document, graphql, node, request } = query;
  const { schema } = api.graphql;
  const { graphQLMaxDepth = 0, graphQLMaxComplexity = 0 } = planOf(exchange) ?? {};
  try {
    const read = schema.read(graphql);
    // A query that is too deep is not worth more work.
    const depth = depthOf(document);
    if (graphQLMaxDepth > 0 && depth > graphQLMaxDepth) {
      return fail(exchange, errors.graphqlTooDeep, { depth, limit: graphQLMaxDepth });
    }
    if (read !== null) {
      // Whether fields of one name fit together takes time that grows with the square of the query; the backend asks that.
      const rules = graphql.specifiedRules.filter((rule) => rule !== graphql.OverlappingFieldsCanBeMergedRule);
      // Suggestions would tell of fields to those who may not ask for them.
      const [wrong] = graphql.validate(read, node, rules, { maxErrors: 1, hideSuggestions: true });
      if (wrong !== undefined) return invalid(exchange, wrong.message);
    }
    if (graphQLMaxComplexity === 0) return true;
    const complexity = complexityOf(document, schema, request.variables);
    if (complexity <= graphQLMaxComplexity) return true;
    return fail(exchange, errors.graphqlTooComplex, { complexity, limit: graphQLMaxComplexity });
  } catch (error) {
    return refuseUnreadable(exchange, error);
  }
}

function planOf({ subscription, api, snapshot }: Exchange) {
  if (subscription === null || api === null) return undefined;
  return snapshot.limits.plans.find('subscription', api.source.organization, subscription.source.plan)?.source;
}

/** What the sender of a query did wrong; nesting that exhausts the stack is among it. Everything else is thrown on. */
function refuseUnreadable(exchange: Exchange, error: unknown): false {
  if (error instanceof RangeError) return invalid(exchange, 'The query is nested too deeply.');
  if (error instanceof QueryError || (error instanceof Error && error.name === 'GraphQLError')) {
    return invalid(exchange, error.message);
  }
  throw error;
}

/** Messages may hold words of the query, which are as long as their sender likes. */
function invalid(exchange: Exchange, detail: string): false {
  const short = detail.length > longestDetail ? `${detail.slice(0, longestDetail)}…` : detail;
  return fail(exchange, errors.graphqlQueryInvalid, { detail: short });
}
