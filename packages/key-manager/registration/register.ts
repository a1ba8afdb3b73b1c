import { errors, type JsonObject, SluiceError, superOrganization, type User } from '@sluice/model';
import { ConflictError, type OAuthClient, type Store } from '@sluice/store';
import { findUserName, type Prove } from '../identity/prove.ts';
import type { ClientService } from '../key-manager.ts';
import { decodeBasic } from '../oauth/basic.ts';
import type { OAuthEndpoint, OAuthRequest } from '../oauth/exchange.ts';
import { describeRegistration } from './describe.ts';
import { parseRegistration, type Registration } from './parse.ts';

interface RegistrationParts {
  readonly store: Store;
  readonly clients: ClientService;
  readonly prove: Prove;
}

/**
 * `POST /client-registration/v0.17/register` (wso2-control-plane.md 1.5): registers a client, or gives the credentials of the one of that
 * name, so that a script may repeat it. Always 200.
 * `namePattern` is what `clientName` must match as a whole.
 */
export function createRegisterEndpoint(parts: RegistrationParts, namePattern: RegExp): OAuthEndpoint {
  const { store, clients } = parts;

  async function findExisting(owner: User, name: string) {
    const existing = await store.organization(owner.organization).clients.findByName(name);
    if (!existing) return undefined;
    if (!(await owns(store, owner, existing))) throw new SluiceError(errors.registrationTaken);
    return clients.get(owner.organization, existing.clientId);
  }

  async function create(owner: User, registration: Registration) {
    const { clientName, callbackUrl, grantTypes, saasApp, tokenType } = registration;
    try {
      return await clients.create({
        organization: owner.organization,
        owner: owner.name,
        name: clientName,
        grantTypes,
        callbackUrl,
        properties: { saasApp, tokenType },
      });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // The same registration ran at the same moment.
      const twin = await findExisting(owner, clientName);
      if (!twin) throw error;
      return twin;
    }
  }

  return async (request) => {
    const caller = await requireUser(parts, request);
    const registration = parseRegistration(request.body, namePattern);
    const owner = await requireOwner(store, caller, registration.owner);
    const found = (await findExisting(owner, registration.clientName)) ?? (await create(owner, registration));
    return { status: 200, body: describeRegistration(found) };
  };
}

/** `DELETE …/register?applicationName=`: removes a client of the caller's. WSO2 answers 500 here; the operation was never finished there. */
export function createUnregisterEndpoint(parts: RegistrationParts): OAuthEndpoint {
  return async (request) => {
    const caller = await requireUser(parts, request);
    const name = request.parameters().get('applicationName') ?? '';
    const client = await parts.store.organization(caller.organization).clients.findByName(name);
    const mayRemove = client && (isSuperAdmin(caller) || (await owns(parts.store, caller, client)));
    if (!mayRemove) throw new SluiceError(errors.registrationNotFound);
    await parts.clients.remove(caller.organization, client.clientId);
    return { status: 204 };
  };
}

async function requireUser(parts: RegistrationParts, request: OAuthRequest): Promise<User> {
  const basic = decodeBasic(request.authorization);
  const user = basic && (await parts.prove(basic.name, basic.secret));
  if (!user) throw new SluiceError(errors.registrationUnauthorized);
  return user;
}

const isSuperAdmin = (user: User) => user.organization === superOrganization && user.roles.includes('admin');

/** The caller, or for the super admin any user who exists. */
async function requireOwner(store: Store, caller: User, named: string): Promise<User> {
  const { organization, name } = await findUserName(store, named);
  if (sameUser(caller, { organization, name })) return caller;
  if (!isSuperAdmin(caller)) throw new SluiceError(errors.registrationOwnerMismatch);
  const owner = await store.organization(organization).users.find(name);
  if (!owner) throw new SluiceError(errors.registrationOwnerUnknown, { owner: name.slice(0, 100) });
  return owner;
}

async function owns(store: Store, user: User, client: OAuthClient): Promise<boolean> {
  const { name } = await findUserName(store, client.owner);
  return sameUser(user, { organization: client.organization, name });
}

const sameUser = (one: Pick<User, 'organization' | 'name'>, other: Pick<User, 'organization' | 'name'>) =>
  one.organization === other.organization && one.name.toLowerCase() === other.name.toLowerCase();

/** The error body of the REST APIs, which registration shares. */
export function describeRegistrationError(error: SluiceError): JsonObject {
  const { code, message } = error.entry;
  return { code, message, description: error.description, moreInfo: '', error: [] };
}
