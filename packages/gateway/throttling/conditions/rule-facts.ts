import type { RuleAttribute, RuleValue } from '@sluice/model';
import type { ConditionSwitches } from '../options.ts';
import { type Address, readAddress } from './address.ts';
import type { AskedCall } from './asked-call.ts';
import { claimOf } from './claims.ts';
import { someParameter } from './query-parameter.ts';
import { qualifiedUser } from './user-name.ts';

/** Answers for the attributes and properties of one call that custom rules ask for, in the form that WSO2's request stream has them. */
export class RuleFacts {
  readonly #call: AskedCall;
  readonly #client: string;
  readonly #switches: ConditionSwitches;

  constructor(call: AskedCall, client: string, switches: ConditionSwitches) {
    this.#call = call;
    this.#client = client;
    this.#switches = switches;
  }

  /** Undefined where the call has none. */
  value(asked: RuleValue): string | number | boolean | undefined {
    if (asked.kind === 'literal') return asked.value;
    return asked.kind === 'property' ? this.#property(asked.name) : this.#attribute(asked.name);
  }

  #attribute(name: RuleAttribute): string | undefined {
    const { api, application, operation } = this.#call;
    const source = api?.source;
    if (source === undefined) return undefined;
    const { basePath, version } = source;
    const owner = application?.source;
    switch (name) {
      case 'userId':
        return this.#user();
      case 'apiContext':
        return basePath;
      case 'apiVersion':
        return version;
      case 'apiName':
        return source.name;
      case 'apiTenant':
        return source.organization;
      case 'appTenant':
        return owner?.organization ?? source.organization;
      case 'appId':
        return owner?.id;
      case 'apiKey':
        return `${basePath}:${version}`;
      case 'appKey':
        return owner && `${owner.id}:${this.#user()}`;
      case 'subscriptionKey':
        return owner && `${owner.id}:${basePath}:${version}`;
      case 'resourceKey':
        return operation ? `${basePath}/${version}${operation.source.target}:${operation.source.verb}` : undefined;
      case 'apiTier':
        return source.apiThrottlingPolicy ?? 'Unlimited';
      case 'appTier':
        return owner?.plan;
      case 'resourceTier':
        return operation?.source.throttlingPolicy;
      case 'subscriptionTier':
        return application?.subscriptions.get(source.id)?.source.plan;
      default:
        return addressOf(name, readAddress(this.#client));
    }
  }

  #user(): string | undefined {
    const { token, application, api } = this.#call;
    return token === null
      ? undefined
      : qualifiedUser(token.user, application?.source.organization ?? api?.source.organization ?? '');
  }

  /** A claim goes before a parameter and this before a header of the same name, as WSO2 puts them into one map. */
  #property(name: string): string | undefined {
    const { headers, claims, queryParameters } = this.#switches;
    const claim = claims ? claimOf(this.#call, name) : undefined;
    if (claim !== undefined) return claim;
    const { head } = this.#call.call;
    let parameter: string | undefined;
    const keep = (value: string) => {
      parameter = value;
      return true;
    };
    if (queryParameters && someParameter(head.query, name, keep)) return parameter;
    return headers ? head.header(name.toLowerCase()) : undefined;
  }
}

/** The family that an address is not of is 0, as in WSO2. */
function addressOf(name: 'clientIp' | 'ip' | 'ipv6', address: Address | undefined): string | undefined {
  if (address === undefined) return undefined;
  const family = typeof address === 'number' ? 'ip' : 'ipv6';
  return name === 'clientIp' || name === family ? String(address) : '0';
}
