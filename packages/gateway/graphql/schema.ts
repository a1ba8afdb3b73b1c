import { gunzipSync, gzipSync } from 'node:zlib';
import type { DeployedApi } from '@sluice/model';
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

  constructor({ graphql }: DeployedApi) {
    this.complexity = graphql?.complexity ?? {};
    this.#packed = graphql?.schema;
  }

  /** Null where nobody has told of one. Throws where it cannot be read. */
  read({ buildSchema }: Graphql): GraphQLSchema | null {
    if (this.#schema === null && this.#packed !== undefined) {
      const text = gunzipSync(Buffer.from(this.#packed, 'base64'), { maxOutputLength: 16 * 1024 * 1024 }).toString(
        'utf8',
      );
      this.#schema = buildSchema(text, { assumeValidSDL: true, noLocation: true });
    }
    return this.#schema;
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

/** A schema as it travels to the gateways. */
export function packSchema(text: string): string {
  return gzipSync(Buffer.from(text, 'utf8')).toString('base64');
}
