/** Unique indexes and primary keys are named after the uniqueness rule they keep: `rule_api_name_version` keeps `api-name-version`. */
export const ruleName = (constraint: string): string => constraint.replace(/^rule_/, '').replaceAll('_', '-');
