import type { ImageSpec } from '../config/spec.ts';
import { listedCandidates } from '../prune/listed.ts';
import type { ResolvedPlatform } from './resolve.ts';
import { uncut } from './uncut.ts';

export interface MayBeCutOptions {
  readonly spec: Pick<ImageSpec, 'keep' | 'dependencies'>;
  readonly resolved: Pick<ResolvedPlatform, 'resolution'>;
}

/** Whether `dependencies: runtime` may take a package: every way to it passes a listed candidate. Only files tell whether it does. */
export function mayBeCut(name: string, options: MayBeCutOptions): boolean {
  return candidateNames(options).has(name);
}

/** Names of all such packages. */
export function candidateNames({ spec, resolved }: MayBeCutOptions): ReadonlySet<string> {
  if (spec.dependencies !== 'runtime') return new Set();
  const { packages } = resolved.resolution;
  const needs = new Map<string, string[]>();
  const pending: string[] = [];
  for (const { record, reasons } of packages) {
    const { name } = record;
    const isRoot = uncut.has(name) || spec.keep.includes(name);
    for (const reason of reasons) {
      if ('from' in reason) needs.set(reason.from, [...(needs.get(reason.from) ?? []), name]);
      else pending.push(name);
    }
    if (isRoot) pending.push(name);
  }
  const kept = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (kept.has(next)) continue;
    kept.add(next);
    pending.push(...(needs.get(next) ?? []).filter((needed) => !listedCandidates.has(needed)));
  }
  return new Set(packages.map(({ record }) => record.name).filter((name) => !kept.has(name)));
}
