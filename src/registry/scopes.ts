import type { RepositoryAction } from './types.ts';

/** Resources and what may be done with each: `repository:team/app` -> pull, push. */
export type Scopes = ReadonlyMap<string, ReadonlySet<string>>;

export interface ScopeRequest {
  readonly repository: string;
  readonly actions: readonly RepositoryAction[];
  readonly mountFrom?: string | undefined;
}

/** What a request needs. Who pushes also reads: the manifest that is there, the blobs that need not be sent. */
export function scopesFor({ repository, actions, mountFrom }: ScopeRequest): Scopes {
  const own = new Set<string>(actions.includes('push') ? ['pull', ...actions] : actions);
  const scopes = new Map([[`repository:${repository}`, own]]);
  if (mountFrom !== undefined && mountFrom !== repository) scopes.set(`repository:${mountFrom}`, new Set(['pull']));
  return scopes;
}

/** The `scope` of a challenge: `TYPE:NAME:ACTION,ACTION` separated by blanks. What has another form is left out. */
export function parseScopes(text: string): Scopes {
  const scopes = new Map<string, Set<string>>();
  for (const part of text.slice(0, 4096).split(' ').slice(0, 20)) {
    const [, resource, actions] = /^([a-z]+(?:\([a-z]+\))?:[A-Za-z0-9._/:@-]+):([a-z*,]+)$/.exec(part) ?? [];
    if (resource === undefined || actions === undefined) continue;
    scopes.set(resource, new Set([...(scopes.get(resource) ?? []), ...actions.split(',').filter(Boolean)]));
  }
  return scopes;
}

export function joinScopes(a: Scopes, b: Scopes): Scopes {
  const joined = new Map(a);
  for (const [resource, actions] of b) joined.set(resource, new Set([...(a.get(resource) ?? []), ...actions]));
  return joined;
}

/** Whether all of `wanted` is in `held`, in which `*` stands for every action. */
export function coversScopes(held: Scopes, wanted: Scopes): boolean {
  return [...wanted].every(([resource, actions]) => {
    const all = held.get(resource);
    return all?.has('*') || [...actions].every((action) => all?.has(action));
  });
}

/** As a token server wants them, one each. */
export function formatScopes(scopes: Scopes): readonly string[] {
  return [...scopes].map(([resource, actions]) => `${resource}:${[...actions].join(',')}`);
}
