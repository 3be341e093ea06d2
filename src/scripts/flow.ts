import type { Tri } from './state.ts';

/** How a node ends: its status, and whether the shell goes on behind it. */
export interface Flow {
  readonly status: Tri;
  readonly ends?: 'exit' | 'return' | 'break' | undefined;
}

export const unclear: Flow = { status: undefined };
