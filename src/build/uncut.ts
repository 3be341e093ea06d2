import { lateDonorNames } from './resolve.ts';

/** Packages that no cut takes: every image has the first, and terminal descriptions are found where they are installed. */
export const uncut: ReadonlySet<string> = new Set(['base-files', ...lateDonorNames]);
