import type { ElfFacts } from '../formats/elf/facts.ts';
import type { ProgramFacts } from '../view/types.ts';
import type { ProgramChange } from './types.ts';

/** What a kernel and a loader see otherwise; [] where both are the same to them, or neither is a program. */
export function comparePrograms(
  from: ProgramFacts | undefined,
  to: ProgramFacts | undefined,
): readonly ProgramChange[] {
  const [old, fresh] = [from?.elf, to?.elf];
  return [
    ...single('shebang', from?.shebang, to?.shebang),
    ...single('damaged', from?.damaged === true ? 'yes' : undefined, to?.damaged === true ? 'yes' : undefined),
    ...(['machine', 'type', 'interpreter', 'soname', 'rpath', 'runpath'] as const).flatMap((fact) =>
      single(fact, old?.[fact], fresh?.[fact]),
    ),
    ...listed('needed', old?.needed, fresh?.needed),
    ...listed('versions-needed', versionsNeeded(old), versionsNeeded(fresh)),
    ...listed('versions-defined', old?.versionsDefined, fresh?.versionsDefined),
    ...listed('hardening', hardening(old), hardening(fresh)),
  ];
}

function single(fact: string, from: string | undefined, to: string | undefined): readonly ProgramChange[] {
  return from === to ? [] : [{ fact, from, to }];
}

function listed(fact: string, from: readonly string[] = [], to: readonly string[] = []): readonly ProgramChange[] {
  const [before, after] = [new Set(from), new Set(to)];
  const gone = [...before].filter((item) => !after.has(item));
  const come = [...after].filter((item) => !before.has(item));
  const text = (items: readonly string[]) => (items.length === 0 ? undefined : items.join(' '));
  return gone.length === 0 && come.length === 0 ? [] : [{ fact, from: text(gone), to: text(come) }];
}

function versionsNeeded(elf: ElfFacts | undefined): readonly string[] {
  return Object.entries(elf?.versionsNeeded ?? {}).flatMap(([library, versions]) =>
    versions.map((version) => `${library}:${version}`),
  );
}

function hardening(elf: ElfFacts | undefined): readonly string[] {
  if (elf === undefined) return [];
  const { pie, relro, nx, canary } = elf.hardening;
  return [
    ...(pie ? ['pie'] : []),
    ...(relro === 'none' ? [] : [`relro-${relro}`]),
    ...(nx ? ['nx'] : []),
    ...(canary ? ['canary'] : []),
  ];
}
