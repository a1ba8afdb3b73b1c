import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder that holds all of an installation: settings, data, secrets, logs. */
export interface Home {
  readonly path: string;
  /** `deployment.toml`; need not exist. */
  readonly settingsFile: string;
  readonly data: string;
  /** Keys and certificates; readable by the owner alone. */
  readonly security: string;
  readonly logs: string;
}

/** `--home`, else `SLUICE_HOME`, else `./.sluice`. Makes what is missing; rejects with a message that names the folder when it cannot. */
export function openHome(argument: string | undefined, environment: NodeJS.ProcessEnv): Home {
  const home = locateHome(argument, environment);
  for (const [folder, mode] of [
    [home.path, 0o755],
    [home.data, 0o700],
    [home.security, 0o700],
    [home.logs, 0o755],
  ] as const) {
    try {
      mkdirSync(folder, { recursive: true, mode });
    } catch (error) {
      throw new Error(
        `cannot make the home folder ${folder}: ${(error as Error).message}. Choose another with --home.`,
      );
    }
  }
  return home;
}

/** The same without making anything, for commands that only look. */
export function locateHome(argument: string | undefined, environment: NodeJS.ProcessEnv): Home {
  const path = resolve(argument ?? environment.SLUICE_HOME ?? '.sluice');
  return {
    path,
    settingsFile: join(path, 'deployment.toml'),
    data: join(path, 'data'),
    security: join(path, 'security'),
    logs: join(path, 'logs'),
  };
}
