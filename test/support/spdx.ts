import { createRequire } from 'node:module';

/** The reference reader of SPDX expressions; throws for what is none. It comes without types. */
export const parseSpdx: (expression: string) => unknown = createRequire(import.meta.url)('spdx-expression-parse');
