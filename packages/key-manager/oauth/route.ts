import type { OAuthEndpoint } from './exchange.ts';

/** One address and its methods. */
interface OAuthRoute {
  readonly methods: Readonly<Record<string, OAuthEndpoint>>;
  /** Registration errors have the body of the REST APIs, the others that of RFC 6749. */
  readonly errorBody: 'oauth' | 'rest';
}

export type OAuthRoutes = Readonly<Record<string, OAuthRoute>>;

/** The route of a request target, with the tenant of `/t/<tenant>/…` taken off. */
export interface RouteMatch {
  readonly route: OAuthRoute;
  readonly tenant: string | undefined;
  readonly query: string;
}

/** Matches by the exact path, one slash at its end passed over; undefined where the target is none of the key manager's. */
export function matchRoute(routes: OAuthRoutes, target: string): RouteMatch | undefined {
  const mark = target.indexOf('?');
  const path = (mark < 0 ? target : target.slice(0, mark)).replace(/\/$/, '');
  const tenantPath = /^\/t\/([^/]{1,255})(\/.*)$/.exec(path);
  const own = tenantPath?.[2] ?? path;
  const route = Object.hasOwn(routes, own) ? routes[own] : undefined;
  return route && { route, tenant: tenantPath?.[1], query: mark < 0 ? '' : target.slice(mark + 1) };
}
