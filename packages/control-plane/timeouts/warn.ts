import {
  type Api,
  apiOrders,
  describeFinding,
  endpointDoubts,
  type GatewayDeadlines,
  type Log,
  parseEndpointConfig,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { sharedIn } from './report.ts';

/** Bytes that may stand in a header. */
const mostText = 4096;
const most = 20;

/** What may not work as it was meant though it can be served: in the endpoint configuration, and in the order of deadlines. */
export async function endpointWarnings(
  organization: OrganizationStore,
  api: Pick<Api, 'name' | 'version' | 'endpointConfig' | 'operations'>,
  gateway: GatewayDeadlines,
): Promise<string[]> {
  const { endpoints, findings } = parseEndpointConfig(api.endpointConfig);
  const read = findings.filter(({ level }) => level === 'warning').map(describeFinding);
  const orders = apiOrders({ ...api, endpoints }, gateway, await sharedIn(organization));
  const doubts = endpointDoubts(endpoints, api.operations);
  return [
    ...read,
    ...doubts,
    ...orders.map(({ level, message }) => (level === 'note' ? `note: ${message}` : message)),
  ].slice(0, most);
}

/**
 * Tells who saves an API what may not work as it was meant: in the log, and in the header `Sluice-Warnings`, a JSON list of texts, since WSO2's document of an API has
 * no place for that. No headers where there is nothing to tell.
 */
export async function warnOfEndpoints(
  organization: OrganizationStore,
  api: Pick<Api, 'name' | 'version' | 'endpointConfig' | 'operations'>,
  { deadlines, log }: { readonly deadlines: GatewayDeadlines; readonly log: Log },
): Promise<Record<string, string>> {
  const warnings = await endpointWarnings(organization, api, deadlines);
  if (warnings.length === 0) return {};
  log.warn('endpoints of an API may not work as they were meant', { api: `${api.name}/${api.version}`, warnings });
  while (headerOf(warnings).length > mostText) warnings.pop();
  return { 'sluice-warnings': headerOf(warnings) };
}

/** Header values are ASCII. */
function headerOf(warnings: readonly string[]): string {
  return JSON.stringify(warnings).replace(
    /[^ -~]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
