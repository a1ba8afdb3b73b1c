import { mockAnswers } from '../mocks/answers.ts';
import { readDefinition } from '../openapi/read.ts';
import type { DeployedApi } from '../runtime.ts';

/** The API without backends: both sides answer what its definition says. A definition that cannot be read has no answers. */
export function mockedApi(api: DeployedApi, definition: string): DeployedApi {
  const answers = answersOf(definition);
  return {
    ...api,
    endpoints: { production: { kind: 'mock', name: 'prod' }, sandbox: { kind: 'mock', name: 'sandbox' } },
    operations: api.operations.map((operation) => ({
      ...operation,
      mock: answers.get(`${operation.verb} ${operation.target}`) ?? [],
    })),
  };
}

function answersOf(definition: string): ReturnType<typeof mockAnswers> {
  try {
    return mockAnswers(readDefinition(definition));
  } catch {
    return new Map();
  }
}
