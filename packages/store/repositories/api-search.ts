import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { fold } from '../codec.ts';
import type { Tables } from '../schema.ts';
import type { ApiQuery, ApiQueryTerm } from '../store.ts';
import { matches } from './like.ts';

type Builder = ExpressionBuilder<Tables, 'api'>;
type Label = Tables['api_label']['kind'];

/** The columns a field is looked up in. */
const columns = {
  name: 'name_key',
  version: 'version_key',
  context: 'context_key',
  provider: 'provider_key',
  description: 'description_key',
  type: 'type_key',
} as const;

/** What `any` looks into: first the columns, which are at hand, then the lists. */
const anyColumn = ['name', 'version', 'context', 'provider', 'description'] as const;
const anyLabel: readonly Label[] = ['tag', 'category', 'property'];

/** The conditions of a search, besides the organization. */
export function searchConditions(api: Builder, query: ApiQuery): Expression<SqlBool>[] {
  const conditions = query.terms.map((term) => termCondition(api, term));
  if (query.statuses !== undefined) {
    conditions.push(query.statuses.length === 0 ? sql<SqlBool>`1 = 0` : api('api.status', 'in', [...query.statuses]));
  }
  if (query.visibleTo !== undefined) conditions.push(visible(api, query.visibleTo));
  return conditions;
}

function termCondition(api: Builder, term: ApiQueryTerm): Expression<SqlBool> {
  const { field, match, value } = term;
  switch (field) {
    case 'tag':
    case 'category':
      return labelled(api, [field], (label) => [matches(label.ref('api_label.value_key'), match, value)]);
    case 'property':
      return labelled(api, ['property'], (label) => [
        ...(term.property === undefined ? [] : [label('api_label.name_key', '=', fold(term.property))]),
        matches(label.ref('api_label.value_key'), match, value),
      ]);
    case 'status':
      return matches(sql<string>`lower(${api.ref('api.status')})`, match, value);
    case 'any':
      return api.or([
        ...anyColumn.map((each) => termCondition(api, { field: each, match, value })),
        labelled(api, anyLabel, (label) => [matches(label.ref('api_label.value_key'), match, value)]),
      ]);
    default:
      return matches(api.ref(`api.${columns[field]}`), match, value);
  }
}

function labelled(
  api: Builder,
  kinds: readonly Label[],
  conditions: (label: ExpressionBuilder<Tables, 'api' | 'api_label'>) => Expression<SqlBool>[],
): Expression<SqlBool> {
  return api.exists(
    api
      .selectFrom('api_label')
      .select(sql.lit(1).as('one'))
      .whereRef('api_label.organization', '=', 'api.organization')
      .whereRef('api_label.api_id', '=', 'api.id')
      .where('api_label.kind', 'in', kinds)
      .where((label) => label.and(conditions(label))),
  );
}

/**
 * Publisher: open to all who may use it, unless access is restricted; then to the owner and to holders of one of the roles.
 * Developer portal: public ones to everybody, private ones to whoever signed in (a blank user has not), restricted ones to holders of a role.
 */
function visible(api: Builder, person: NonNullable<ApiQuery['visibleTo']>): Expression<SqlBool> {
  const roles = person.roles.map(fold);
  const holds = (kind: Label): Expression<SqlBool>[] =>
    roles.length === 0 ? [] : [labelled(api, [kind], (label) => [label('api_label.value_key', 'in', roles)])];
  if (person.side === 'publisher') {
    return api.or([
      api('api.access_control', '=', 'NONE'),
      api('api.provider_key', '=', fold(person.user)),
      ...holds('publisher-role'),
    ]);
  }
  return api.or([
    api('api.visibility', '=', 'PUBLIC'),
    ...(person.user === '' ? [] : [api('api.visibility', '=', 'PRIVATE')]),
    api.and([api('api.visibility', '=', 'RESTRICTED'), api.or(holds('devportal-role'))]),
  ]);
}
