import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@sluice/config';
import { type Log, superOrganization } from '@sluice/model';
import type { ApiRepository } from '@sluice/store';
import type { Home } from '../home/home.ts';
import type { StartedControlPlane } from '../start/control-plane.ts';
import { gatewayEnvironment } from '../start/environments.ts';
import { startSampleBackend } from './backend.ts';
import { OwnRest } from './rest.ts';

/** The sample of this home, as long as it is there. */
export interface Sample {
  /** A line for a shell that calls the sample through the gateway at this base URL, and answers 200 as it stands. */
  curl(gateway: string): string;
  close(): void;
}

/** What a home remembers of its sample. */
interface Installed {
  readonly port: number;
  readonly apiId: string;
  readonly revisionId: string;
  readonly consumerKey: string;
}

const publisher = '/api/am/publisher/v4';
const devportal = '/api/am/devportal/v3';
const context = '/bookshelf';
const version = '1.0.0';
const tokenSeconds = 24 * 3600;

/**
 * Installs the sample into an installation that has no API yet, over the REST APIs as a user would, or starts its backend again.
 * Undefined where there is none: the installation was not empty, or somebody removed the sample. A failure is logged and costs only the sample.
 */
export async function openSample(
  control: StartedControlPlane,
  settings: Settings,
  home: Home,
  log: Log,
): Promise<Sample | undefined> {
  const memory = join(home.data, 'sample.json');
  const known = recall(memory);
  const apis = control.store.organization(superOrganization).apis;
  const wanted = known ? (await apis.get(known.apiId)) !== undefined : await isEmpty(apis);
  if (!wanted) return undefined;
  const backend = await startSampleBackend(known?.port ?? 0);
  try {
    const rest = new OwnRest(
      control.host,
      control.httpPort,
      settings.get('super_admin.username'),
      settings.get('super_admin.password'),
    );
    const { name } = gatewayEnvironment(settings);
    const installed = known ? await move(rest, known, backend.port, name) : await install(rest, backend.port, name);
    if (installed !== known) writeFileSync(memory, JSON.stringify(installed));
    const token = await issueToken(control, installed.consumerKey);
    if (token === undefined) {
      backend.close();
      return undefined;
    }
    return {
      curl: (gateway) =>
        // The certificate of the first start is nobody's.
        `curl ${gateway.startsWith('https:') ? '-k ' : ''}-H 'Authorization: Bearer ${token}' ${gateway}${context}/${version}/books`,
      close: backend.close,
    };
  } catch (error) {
    backend.close();
    log.warn('the sample API could not be installed', { reason: (error as Error).message });
    return undefined;
  }
}

async function isEmpty(apis: ApiRepository): Promise<boolean> {
  return (await apis.list({ terms: [] }, { offset: 0, limit: 1 })).total === 0;
}

function recall(memory: string): Installed | undefined {
  try {
    return JSON.parse(readFileSync(memory, 'utf8')) as Installed;
  } catch {
    return undefined;
  }
}

async function install(rest: OwnRest, port: number, environment: string): Promise<Installed> {
  const { defaultSubscriptionPolicy: businessPlan } = await rest.get(`${publisher}/settings`);
  const { list: applicationPlans } = await rest.get(`${devportal}/throttling-policies/application`);
  // Unlimited stands last, where the administrator offers it.
  const applicationPlan = applicationPlans.at(-1).name;
  const api = await rest.form(`${publisher}/apis/import-openapi`, {
    inlineAPIDefinition: readFileSync(new URL('./bookshelf.yaml', import.meta.url), 'utf8'),
    additionalProperties: JSON.stringify({
      name: 'Bookshelf',
      context,
      version,
      description: 'A small shelf of books to try things out with',
      tags: ['sample'],
      policies: [businessPlan],
      endpointConfig: endpointConfig(port),
    }),
  });
  const revisionId = await deploy(rest, api.id, environment);
  await rest.post(`${publisher}/apis/change-lifecycle?action=Publish&apiId=${api.id}`, {});
  const application = await rest.post(`${devportal}/applications`, {
    name: 'Sample',
    description: 'Calls the sample API',
    throttlingPolicy: applicationPlan,
    tokenType: 'JWT',
  });
  const { applicationId } = application;
  await rest.post(`${devportal}/subscriptions`, { applicationId, apiId: api.id, throttlingPolicy: businessPlan });
  const keys = await rest.post(`${devportal}/applications/${applicationId}/generate-keys`, {
    keyType: 'PRODUCTION',
    grantTypesToBeSupported: ['client_credentials'],
  });
  return { port, apiId: api.id, revisionId, consumerKey: keys.consumerKey };
}

/** Leads the sample to the port that its backend has now. */
async function move(rest: OwnRest, known: Installed, port: number, environment: string): Promise<Installed> {
  if (port === known.port) return known;
  const api = await rest.get(`${publisher}/apis/${known.apiId}`);
  await rest.put(`${publisher}/apis/${known.apiId}`, { ...api, endpointConfig: endpointConfig(port) });
  const revisionId = await deploy(rest, known.apiId, environment);
  // The revision that led to the old port serves nobody; if a user deployed it elsewhere it stays.
  await rest.delete(`${publisher}/apis/${known.apiId}/revisions/${known.revisionId}`).catch(() => undefined);
  return { ...known, port, revisionId };
}

async function deploy(rest: OwnRest, apiId: string, environment: string): Promise<string> {
  const { id } = await rest.post(`${publisher}/apis/${apiId}/revisions`, { description: 'Made with the installation' });
  await rest.post(`${publisher}/apis/${apiId}/deploy-revision?revisionId=${id}`, [
    { name: environment, displayOnDevportal: true },
  ]);
  return id;
}

function endpointConfig(port: number) {
  const url = `http://127.0.0.1:${port}`;
  return { endpoint_type: 'http', production_endpoints: { url }, sandbox_endpoints: { url } };
}

/** Undefined when somebody removed the sample's application. */
async function issueToken({ keyManager }: StartedControlPlane, consumerKey: string): Promise<string | undefined> {
  const found = await keyManager.clients.get(superOrganization, consumerKey);
  if (!found) return undefined;
  const { accessToken } = await keyManager.issueToken({
    organization: superOrganization,
    client: found.client,
    scopes: [],
    validitySeconds: tokenSeconds,
  });
  return accessToken;
}
