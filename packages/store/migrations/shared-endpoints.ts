import type { Migration } from './migrate.ts';
import { createTable } from './table.ts';

/** Endpoints that APIs refer to by name. */
export const sharedEndpoints: Migration = {
  name: 'shared endpoints',
  statements: ({ key, text }) =>
    createTable({
      name: 'shared_endpoint',
      columns: { organization: key('organization', 255), id: key('id', 64), name: key('name', 255), document: text },
      primary: ['shared_endpoint_id', ['organization', 'id']],
      unique: [['shared_endpoint_name', ['organization', 'name']]],
    }),
};
