import { type DeployedApi, unpackGraphqlSchema } from '@sluice/model';
import type { GraphQLSchema } from 'graphql';
import type { CostRules } from './cost.ts';

/** The library that reads GraphQL. */
export type Graphql = typeof import('graphql');

let loading: Promise<Graphql> | undefined;

/** The library that reads GraphQL: loaded with the first query, since most gateways have none to read. */
export function loadGraphql(): Promise<Graphql> {
  loading ??= import('graphql');
  return loading;
}

/** The schema of an API as it is asked for, read with the first query. */
export class ApiSchema implements CostRules {
  readonly complexity;
  readonly #packed: string | undefined;
  #schema: GraphQLSchema | null = null;
  #fault: Error | null = null;

  constructor({ graphql }: DeployedApi) {
    this.complexity = graphql?.complexity ?? {};
    this.#packed = graphql?.schema;
  }

  /** Null where nobody has told of one. Throws where it cannot be read: without it nobody can say what a query costs. */
  read(graphql: Graphql): GraphQLSchema | null {
    if (this.#fault !== null) throw this.#fault;
    if (this.#schema !== null || this.#packed === undefined) return this.#schema;
    try {
      // Whether it is valid was asked when it was saved, and may take time that grows with its square.
      const reading = { assumeValid: true, assumeValidSDL: true, noLocation: true };
      this.#schema = graphql.buildSchema(unpackGraphqlSchema(this.#packed), reading);
      return this.#schema;
    } catch (error) {
      this.#fault = new Error(`The schema of the API cannot be read: ${(error as Error).message}`);
      throw this.#fault;
    }
  }

  typeOf(parent: string, field: string): string | undefined {
    const type = this.#schema?.getType(parent);
    const found = type !== undefined && 'getFields' in type ? type.getFields()[field] : undefined;
    // Lists and what must not be null are written around the name.
    return found === undefined ? undefined : String(found.type).replace(/[[\]!]/g, '');
  }

  rootOf(kind: 'query' | 'mutation' | 'subscription'): string {
    const type =
      kind === 'query'
        ? this.#schema?.getQueryType()
        : kind === 'mutation'
          ? this.#schema?.getMutationType()
          : this.#schema?.getSubscriptionType();
    return type?.name ?? `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  }
}
