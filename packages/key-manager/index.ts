export type * from './key-manager.ts';
