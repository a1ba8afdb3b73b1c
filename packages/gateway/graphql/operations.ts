import { type DeployedApi, errors, type RuntimeOperation } from '@sluice/model';
import { fail } from '../chain/fault.ts';
import { checkScopes } from '../chain/scopes.ts';
import type { Step } from '../chain/steps.ts';
import { stepsOf } from '../chain/steps.ts';
import type { CompiledOperation } from '../snapshot/api.ts';
import { OperationTree } from '../snapshot/operations.ts';
import { compileTemplate } from '../snapshot/template.ts';
import { OperationFound } from '../throttling/found.ts';
import { ApiSchema } from './schema.ts';
import { checkQuery, readQuery } from './step.ts';

/** Sets of fields that are remembered. */
const mostSets = 1000;
const everything = compileTemplate('/*');

/** The operations of a GraphQL API: the fields at the top of its queries, all of them behind one path (wso2-policies-and-kinds.md 3.2). */
export class GraphqlOperations {
  readonly schema: ApiSchema;
  readonly #api: DeployedApi;
  /** By verb and name. */
  readonly #fields = new Map<string, CompiledOperation>();
  readonly #sets = new Map<string, CompiledOperation>();

  constructor(api: DeployedApi) {
    this.#api = api;
    this.schema = new ApiSchema(api);
    for (const source of api.operations) {
      const name = nameOf(source.verb.toUpperCase(), source.target);
      if (!this.#fields.has(name)) this.#fields.set(name, this.#compile(source, fieldSteps(api, source)));
    }
  }

  /** The way in, until it is known what is asked. */
  entrance(): OperationTree<CompiledOperation> {
    const tree = new OperationTree<CompiledOperation>();
    for (const verb of ['GET', 'POST']) {
      const source = { target: '/*', verb, authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] } as const;
      tree.add(verb, everything, this.#compile(source, [readQuery]));
    }
    return tree;
  }

  /** What calls of these fields run through; undefined where the API has not all of them. */
  find(verb: string, fields: ReadonlySet<string>): CompiledOperation | undefined {
    const parts: CompiledOperation[] = [];
    for (const field of [...fields].sort()) {
      const part = this.#fields.get(nameOf(verb, field));
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return parts.length < 2 ? parts[0] : this.#together(parts);
  }

  /** Several fields at once: only what all of them allow is allowed, and each counts by itself. */
  #together(parts: readonly CompiledOperation[]): CompiledOperation {
    const target = parts.map(({ source }) => source.target).join(',');
    const verb = parts[0]?.source.verb ?? '';
    const name = nameOf(verb, target);
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    const types = parts.map(({ source }) => source.authType).filter((type) => type !== 'None');
    const authType = types.find((type) => type !== 'Any') ?? types[0] ?? 'None';
    const source: RuntimeOperation = { target, verb, authType, throttlingPolicy: 'Unlimited', scopes: [] };
    // A token is of one kind: fields for the one and for the other have none in common.
    const forNobody = types.includes('Application') && types.includes('Application_User');
    const checkAll: Step = (exchange) => {
      if (forNobody && !exchange.testKey) return fail(exchange, errors.wrongTokenType);
      const whole = exchange.operation;
      for (const part of parts) {
        if (part.source.scopes.length === 0 || part.source.authType === 'None') continue;
        exchange.operation = part;
        if (!checkScopes(exchange)) return false;
      }
      exchange.operation = whole;
      return true;
    };
    const compiled = { ...this.#compile(source, fieldSteps(this.#api, source, checkAll)), parts };
    if (this.#sets.size >= mostSets) this.#sets.clear();
    this.#sets.set(name, compiled);
    return compiled;
  }

  #compile(source: RuntimeOperation, steps: readonly Step[]): CompiledOperation {
    return { source, template: everything, mapping: null, steps, found: new OperationFound() };
  }
}

/** The steps of any operation, with a look at the query as soon as it is known whose plan it has to keep. */
function fieldSteps(api: DeployedApi, source: RuntimeOperation, scopes?: Step): readonly Step[] {
  return stepsOf(api, source, scopes === undefined ? [checkQuery] : [scopes, checkQuery]);
}

function nameOf(verb: string, field: string): string {
  return `${verb} ${field}`;
}
