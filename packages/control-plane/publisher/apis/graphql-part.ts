import type { Api, JsonObject } from '@sluice/model';

/** What a GraphQL API has beside the members of WSO2's `API`, each at an address of its own: its schema, packed, and what its fields cost. */
export function graphqlPart({ more: { graphqlSchema, graphqlComplexity } }: Pick<Api, 'more'>): JsonObject {
  return {
    ...(graphqlSchema === undefined ? {} : { graphqlSchema }),
    ...(graphqlComplexity === undefined ? {} : { graphqlComplexity }),
  };
}

/** The members that are kept of a body, without these. */
export function withoutGraphqlPart({ graphqlSchema: _, graphqlComplexity: __, ...more }: JsonObject): JsonObject {
  return more;
}
