import type { TransportCase } from '../case.ts';
import { fieldSyntax } from './field-syntax.ts';
import { host } from './host.ts';
import { requestFraming } from './request-framing.ts';
import { requestLine } from './request-line.ts';

/** The table: every case, theme by theme. */
export const cases: readonly TransportCase[] = [...requestLine, ...fieldSyntax, ...host, ...requestFraming];
