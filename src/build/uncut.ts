import { donorNames, lateDonorNames } from './resolve.ts';

/** Packages that no cut takes: every image has the first, and effects read donors where they are installed. */
export const uncut: ReadonlySet<string> = new Set(['base-files', ...donorNames, ...lateDonorNames]);
