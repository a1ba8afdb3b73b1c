import type { CorsConfiguration } from './api.ts';

/** WSO2's defaults for cross-origin calls: `[apim.cors]`, and what an API begins with (wso2-gateway.md 6.3). */
export const defaultCors = {
  corsConfigurationEnabled: true,
  accessControlAllowOrigins: ['*'],
  accessControlAllowCredentials: false,
  accessControlAllowHeaders: [
    'authorization',
    'Access-Control-Allow-Origin',
    'Content-Type',
    'SOAPAction',
    'apikey',
    'Internal-Key',
  ],
  accessControlAllowMethods: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'],
} as const satisfies CorsConfiguration;
