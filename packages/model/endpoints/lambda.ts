import type { LambdaAccess } from '../endpoint.ts';
import type { Findings } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { choice, flag, text } from './scalars.ts';

const methods = { stored: 'stored', 'role-supplied': 'role-supplied' } as const;

/** Reads the members that WSO2 keeps beside `endpoint_type: awslambda`. */
export function parseLambda(config: JsonObject, findings: Findings): LambdaAccess {
  const accessMethod = choice(config, 'access_method', '', findings, methods) ?? 'role-supplied';
  const accessKey = text(config, 'amznAccessKey', '', findings);
  const secretKey = text(config, 'amznSecretKey', '', findings);
  const region = text(config, 'amznRegion', '', findings) ?? '';
  if (accessMethod === 'stored') {
    if (accessKey === undefined) findings.error('amznAccessKey', undefined, 'an access key', 'Add it.');
    if (secretKey === undefined) findings.error('amznSecretKey', undefined, 'a secret key', 'Add it.');
    if (region === '') findings.error('amznRegion', undefined, 'a region such as eu-west-1', 'Add it.');
  }
  const assume = flag(config, 'assume_role', '', findings) ?? false;
  const arn = text(config, 'amznRoleArn', '', findings);
  if (assume && arn === undefined) findings.error('amznRoleArn', undefined, 'the ARN of a role', 'Add it.');
  return {
    accessMethod,
    region,
    ...(accessKey !== undefined && { accessKey }),
    ...(secretKey !== undefined && { secretKey }),
    ...(assume &&
      arn !== undefined && {
        assumeRole: {
          arn,
          sessionName: text(config, 'amznRoleSessionName', '', findings) ?? '',
          region: text(config, 'amznRoleRegion', '', findings) ?? '',
        },
      }),
  };
}

/** The members as WSO2 writes them: all of them, empty where there is nothing. */
export function formatLambda(lambda: LambdaAccess): JsonObject {
  return {
    access_method: lambda.accessMethod,
    assume_role: lambda.assumeRole !== undefined,
    amznAccessKey: lambda.accessKey ?? '',
    amznSecretKey: lambda.secretKey ?? '',
    amznRegion: lambda.region,
    amznRoleArn: lambda.assumeRole?.arn ?? '',
    amznRoleSessionName: lambda.assumeRole?.sessionName ?? '',
    amznRoleRegion: lambda.assumeRole?.region ?? '',
  };
}
