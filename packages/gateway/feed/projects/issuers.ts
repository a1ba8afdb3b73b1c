import { readFile } from 'node:fs/promises';
import type { Json, RuntimeEntry } from '@sluice/model';
import { isObject } from './document.ts';
import { ProjectError } from './project-error.ts';

/** An issuer whose tokens are taken, with its public keys in a file. */
export interface ProjectIssuer {
  /** Value of `iss` in its tokens. */
  readonly issuer: string;
  /** JSON Web Key Set (RFC 7517 section 5). */
  readonly jwksFile: string;
  /** Name of the key manager that APIs may ask for; default the issuer itself. */
  readonly name?: string;
  /** Default `azp`. */
  readonly consumerKeyClaim?: string;
  /** Default `scope`. */
  readonly scopesClaim?: string;
}

/** Reads the keys of an issuer. Throws `ProjectError`. */
export async function readIssuer(issuer: ProjectIssuer): Promise<RuntimeEntry> {
  const file = issuer.jwksFile;
  let document: Json;
  try {
    document = JSON.parse(await readFile(file, 'utf8')) as Json;
  } catch (error) {
    throw new ProjectError(file, undefined, (error as Error).message, { cause: error });
  }
  const keys = isObject(document) && Array.isArray(document.keys) ? document.keys.filter(isObject) : [];
  if (keys.length === 0) throw new ProjectError(file, undefined, 'it holds no list of keys');
  const name = issuer.name ?? issuer.issuer;
  const { consumerKeyClaim = 'azp', scopesClaim = 'scope' } = issuer;
  return { kind: 'issuer', id: name, value: { name, issuer: issuer.issuer, keys, consumerKeyClaim, scopesClaim } };
}
