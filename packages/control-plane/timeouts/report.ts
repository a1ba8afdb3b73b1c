import {
  type Api,
  deployedApi,
  type Endpoint,
  type GatewayDeadlines,
  parseEndpointConfig,
  type ResolveShared,
  resolveReference,
  type SharedReference,
  type TimeoutReport,
  timeoutReport,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/** A report, and which form of the API it is about. */
export interface SourcedReport extends TimeoutReport {
  /** `revision 2 in Default`, or `working copy` where nothing is deployed. */
  readonly source: string;
}

/** The deadlines of an API in each environment where it is deployed, by the settings of one gateway. */
export async function timeoutReports(
  organization: OrganizationStore,
  api: Api,
  gateway: GatewayDeadlines,
): Promise<SourcedReport[]> {
  const resolve = await sharedIn(organization);
  const report = (source: string, form: Api): SourcedReport => {
    const { endpoints } = parseEndpointConfig(form.endpointConfig);
    const deployed = deployedApi(form, { revisionId: '', vhost: '' }, { vhosts: [] }, endpoints);
    return { source, ...timeoutReport(deployed, gateway, resolve) };
  };
  const reports: SourcedReport[] = [];
  for (const { revisionId, environment } of await organization.deployments.list(api.id)) {
    const revision = await organization.revisions.get(api.id, revisionId);
    if (revision === undefined) continue;
    const { status, isDefaultVersion } = api;
    reports.push(
      report(`revision ${revision.number} in ${environment}`, { ...revision.api, status, isDefaultVersion }),
    );
  }
  return reports.length > 0 ? reports : [report('working copy', api)];
}

/** What references in the APIs of an organization stand for. */
export async function sharedIn(organization: OrganizationStore): Promise<ResolveShared> {
  const shared = new Map((await organization.sharedEndpoints.list()).map((one) => [one.name, one]));
  return (reference: SharedReference): Endpoint | null => {
    const known = shared.get(reference.key);
    return known === undefined ? null : resolveReference(known, reference).endpoint;
  };
}
