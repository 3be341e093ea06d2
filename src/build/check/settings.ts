import { findUser } from '../../check/find-user.ts';
import type { CheckSettings, CheckTree } from '../../check/types.ts';
import { debianVersions } from '../../distro/debian/version.ts';
import type { PackageRecord } from '../../distro/types.ts';
import type { RuntimeConfig } from '../../oci/documents.ts';
import { matches } from '../../solver/relations.ts';

export interface SettingsInput {
  readonly tree: CheckTree;
  /** As in ElfFacts. */
  readonly machine: string;
  /** What the image config says that the runtime does; undefined for a bare file tree. */
  readonly config: RuntimeConfig | undefined;
  /** Names; undefined where nobody knows. */
  readonly requested: readonly string[] | undefined;
  /** Packages of the image. */
  readonly records: readonly PackageRecord[];
  /** Debian's name. */
  readonly architecture: string;
}

export function checkSettings(input: SettingsInput): CheckSettings {
  const { tree, machine, config = {}, requested } = input;
  const folder = config.WorkingDir ?? '';
  return {
    machine,
    command: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    env: config.Env ?? [],
    workdir: folder.startsWith('/') ? folder : `/${folder}`,
    userName: config.User ?? '',
    user: findUser(tree, config.User ?? ''),
    requested: requested === undefined ? undefined : withoutShells(requested, input),
    isComplete: completeness(input),
  };
}

/** A package without a program or library of its own (python3, postgresql) is asked for because of those that it depends on. */
function withoutShells(requested: readonly string[], { tree, records }: SettingsInput): ReadonlySet<string> {
  const substantial = new Set<string>();
  for (const { path, elf } of tree.entries()) {
    const name = elf === undefined ? undefined : tree.packageOf(path);
    if (name !== undefined) substantial.add(name);
  }
  const byName = new Map(records.map((record) => [record.name, record]));
  const wanted = new Set(requested);
  for (const name of wanted) {
    const record = byName.get(name);
    if (record === undefined || substantial.has(name)) continue;
    for (const dependency of [...record.preDepends, ...record.depends])
      for (const relation of dependency) if (byName.has(relation.name)) wanted.add(relation.name);
  }
  return wanted;
}

/** Whether a package has all that it depends on, whatever was left out of the others. */
function completeness({ records, architecture }: Pick<SettingsInput, 'records' | 'architecture'>) {
  const byName = new Map<string, PackageRecord[]>();
  for (const record of records)
    for (const name of new Set([record.name, ...record.provides.map((provided) => provided.name)]))
      byName.set(name, [...(byName.get(name) ?? []), record]);
  const context = { architecture, versions: debianVersions };
  const known = new Map<string, boolean>();
  return (name: string): boolean => {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const record = byName.get(name)?.find((one) => one.name === name);
    const complete =
      record !== undefined &&
      [...record.preDepends, ...record.depends].every((dependency) =>
        dependency.some((relation) => byName.get(relation.name)?.some((one) => matches(one, relation, context))),
      );
    known.set(name, complete);
    return complete;
  };
}
