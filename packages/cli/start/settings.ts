import { describeReport, loadSettings, type SettingArgument, type Settings } from '@sluice/config';
import { UsageError } from '../command.ts';
import type { Home } from '../home/home.ts';

/** The settings of a home. Warnings go to stderr; a report with errors is thrown, whole. */
export function readSettings(home: Home, args: readonly SettingArgument[] = []): Settings {
  const { settings, report } = loadSettings({ home: home.path, environment: process.env, arguments: args });
  const text = describeReport(report);
  if (report.failed) throw new UsageError(`the settings cannot be used\n${text}`);
  if (text) process.stderr.write(`${text}\n`);
  return settings;
}
