import type { BuildOptions } from '../build/types.ts';

/** Environment and folder are the process's own unless given. */
export type Anywhere<T> = Omit<T, 'env' | 'cwd'> & Partial<Pick<BuildOptions, 'env' | 'cwd'>>;

/** A library call means its process's environment and folder unless told otherwise. */
export function surroundings(options: Pick<BuildOptions, 'env' | 'cwd'>) {
  return { env: options.env ?? process.env, cwd: options.cwd ?? process.cwd() };
}
