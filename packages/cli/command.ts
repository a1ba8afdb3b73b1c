import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** Values of a command's options, and its other words. */
export interface Arguments {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
}

export interface Command {
  /** Shown by `--help`: usage lines and what the options do. */
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  /** Whether words that are no options mean something to it. */
  readonly takesWords?: true;
  /** Resolves with the exit code: 0 done, 1 failed, 2 asked wrongly. */
  run(args: Arguments): Promise<number>;
}

/** What a user can mend: printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `--home`, which every command takes. */
export const homeOption = { home: { type: 'string' } } as const satisfies ParseArgsOptionsConfig;

/** Parses, runs, and turns errors into a line on stderr and an exit code. */
export async function runCommand(name: string, command: Command, argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      allowNegative: true,
      strict: true,
    });
    if (values.help) {
      process.stdout.write(`${command.usage.trim()}\n`);
      return 0;
    }
    if (positionals.length > 0 && !command.takesWords)
      throw new UsageError(`${JSON.stringify(positionals[0])} means nothing here; --help tells more`);
    return await command.run({ options: values as Arguments['options'], words: positionals });
  } catch (error) {
    const wrong = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`sluice ${name}: ${(error as Error).message}\n`);
    if (process.env.SLUICE_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
    return wrong ? 2 : 1;
  }
}
