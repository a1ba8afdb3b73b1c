import type { Migration } from './migrate.ts';
import { createTable } from './table.ts';

/** Deny policies and custom rules of throttling. */
export const denialsAndRules: Migration = {
  name: 'deny policies and custom rules',
  statements: ({ key, text }) => {
    const organization = key('organization', 255);
    const id = key('id', 64);
    return [
      ...createTable({
        name: 'deny_policy',
        columns: { organization, id, condition_hash: key('condition_hash', 64), document: text },
        primary: ['deny_policy_id', ['organization', 'id']],
        // A condition may be longer than an index holds; its digest is not.
        unique: [['deny_policy', ['organization', 'condition_hash']]],
      }),
      ...createTable({
        name: 'custom_rule',
        columns: { organization, id, name: key('name', 255), document: text },
        primary: ['custom_rule_id', ['organization', 'id']],
        unique: [['custom_rule_name', ['organization', 'name']]],
      }),
    ];
  },
};
