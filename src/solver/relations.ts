import type { PackageRecord, Relation, VersionOrder } from '../distro/types.ts';
import { holds } from '../distro/version-operator.ts';

export interface RelationContext {
  readonly architecture: string;
  readonly versions: VersionOrder;
}

/**
 * Does this package, as itself or by what it provides, fall under a relation (Debian Policy, chapters 7.1 and 7.5)?
 * In a universe of one architecture `:any` means packages that are Multi-Arch: allowed, as apt has it, and every other
 * qualifier that is not foreign means nothing.
 */
export function matches(record: PackageRecord, relation: Relation, context: RelationContext): boolean {
  const wantsAny = relation.qualifier === 'any';
  if (relation.qualifier !== undefined && !wantsAny && isForeign(relation.qualifier, context)) return false;
  const isNamed = record.name === relation.name && (!wantsAny || record.multiArch === 'allowed');
  if (isNamed && versionFits(record.version, relation, context.versions)) return true;
  return record.provides.some((provided) => {
    if (provided.name !== relation.name || (provided.qualifier === 'any') !== wantsAny) return false;
    if (relation.operator === undefined) return true;
    return provided.version !== undefined && versionFits(provided.version, relation, context.versions);
  });
}

function isForeign(qualifier: string, context: RelationContext): boolean {
  return qualifier !== 'native' && qualifier !== 'all' && qualifier !== context.architecture;
}

function versionFits(version: string, relation: Relation, versions: VersionOrder): boolean {
  if (relation.operator === undefined || relation.version === undefined) return true;
  return holds(relation.operator, versions.compare(version, relation.version));
}
