/** Bounds of the queries that are read. */
export interface GraphqlBounds {
  /** Bytes of the largest body with a query. */
  readonly maxBody: number;
  /** Words and signs of the longest query. */
  readonly maxTokens: number;
}

export const defaultGraphqlBounds: GraphqlBounds = { maxBody: 1_048_576, maxTokens: 10_000 };
