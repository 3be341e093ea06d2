import { generatedFile } from './entries.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

/** What py3compile(1) leaves beside Python modules, with hashes that nobody checks in place of times (PEP 552). */
export function byteCode({ bytecode = [], settings }: EffectInput): readonly GeneratedEntry[] {
  const { created } = settings;
  return bytecode.map(({ path, module, code }) =>
    generatedFile(path, code, { rule: 'byte code', because: `the byte code of /${module} (bytecode: true)`, created }),
  );
}
