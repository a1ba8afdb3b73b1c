import { type DeployedApi, packGraphqlSchema } from '@sluice/model';
import { isObject, ProjectDocument } from './document.ts';
import type { ProjectFiles } from './files.ts';

const schemaNames = ['Definitions/schema.graphql'];
const complexityNames = ['Definitions/graphql-complexity.yaml', 'Definitions/graphql-complexity.yml'];

/** Schema and costs of fields of a GraphQL API's project (wso2-control-plane.md 4.5). Throws `ProjectError`. */
export function graphqlOf(files: ProjectFiles): NonNullable<DeployedApi['graphql']> {
  const schema = files.first(schemaNames);
  return {
    ...(schema === undefined ? {} : { schema: packGraphqlSchema(schema.text) }),
    complexity: complexityOf(files),
  };
}

/** `data: { list: [{ type, field, complexityValue }] }`. */
function complexityOf(files: ProjectFiles): Record<string, Record<string, number>> {
  const file = files.first(complexityNames);
  if (file === undefined) return {};
  const document = new ProjectDocument(file.place, file.text);
  const { data } = document.root;
  const list = isObject(data) ? (data.list ?? []) : [];
  if (!Array.isArray(list)) throw document.error(['data', 'list'], 'list must be a list of complexities');
  const costs: Record<string, Record<string, number>> = {};
  list.forEach((one, index) => {
    const { type, field, complexityValue } = isObject(one) ? one : {};
    if (typeof type !== 'string' || typeof field !== 'string') {
      throw document.error(['data', 'list', index], 'a complexity has a type and a field');
    }
    if (typeof complexityValue !== 'number' || !Number.isSafeInteger(complexityValue) || complexityValue < 0) {
      throw document.error(['data', 'list', index, 'complexityValue'], 'complexityValue must be a whole number');
    }
    const fields = Object.hasOwn(costs, type) ? costs[type] : undefined;
    Object.defineProperty(costs, type, {
      value: Object.fromEntries([...Object.entries(fields ?? {}), [field, complexityValue]]),
      enumerable: true,
      configurable: true,
    });
  });
  return costs;
}
