export { gatewayDeadlines } from './deadlines.ts';
export { settingsDocument } from './docs.ts';
export { explainSettings, isSettingName } from './explain.ts';
export { loadSettings, type SettingArgument, type SettingsSource } from './load.ts';
export { describeFinding, describeReport, type Finding, type Report } from './report.ts';
export type { Effect, Setting, SettingType, SettingValue, Unit } from './setting.ts';
export { type SettingEntry, Settings } from './settings.ts';
export type { AnyKey, ArrayKey, RowOf, SettingKey, ValueOf } from './table/index.ts';
export { isSuiteOf13, suitesNamed, versionsNamed } from './tls-names.ts';
