import { type Operation, operationsOf, readDefinition, versionOf } from '@sluice/model';
import type { ProjectFiles } from './files.ts';
import { ProjectError } from './project-error.ts';

const names = ['Definitions/swagger.yaml', 'Definitions/swagger.yml', 'Definitions/swagger.json'];

/** The project's definition as it lies there; empty for none. */
export function definitionText(files: ProjectFiles): string {
  return files.first(names)?.text ?? '';
}

/** The operations of the project's definition, which outrank those the API lists, as at an import; undefined when it has none. Throws `ProjectError`. */
export function definedOperations(files: ProjectFiles): Operation[] | undefined {
  const file = files.first(names);
  if (file === undefined) return undefined;
  try {
    const document = readDefinition(file.text);
    if (versionOf(document) === undefined) throw new Error('it is no OpenAPI 3.0, 3.1 or Swagger 2.0 description');
    const operations = operationsOf(document);
    return operations.length > 0 ? operations : undefined;
  } catch (error) {
    const reason = (error as Error).message;
    const line = /\bline (\d+)\b/.exec(reason)?.[1];
    throw new ProjectError(file.place, line === undefined ? undefined : Number(line), reason, { cause: error });
  }
}
