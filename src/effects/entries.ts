import { encodeUtf8 } from '../util/text.ts';
import type { EffectRule, GeneratedEntry } from './types.ts';

export interface EntryOptions {
  readonly rule: EffectRule;
  readonly because: string;
  readonly created: number;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** A generated file: root's and 0644 unless said. */
export function generatedFile(path: string, content: string | Uint8Array, options: EntryOptions): GeneratedEntry {
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
  return { ...common(path, options, 0o644), type: 'file', size: bytes.length, content: bytes };
}

/** A generated folder: root's and 0755 unless said. */
export function generatedDirectory(path: string, options: EntryOptions): GeneratedEntry {
  return { ...common(path, options, 0o755), type: 'directory', size: 0 };
}

export function generatedLink(path: string, target: string, options: EntryOptions): GeneratedEntry {
  return { ...common(path, options, 0o777), type: 'symlink', size: 0, linkTarget: target };
}

function common(path: string, options: EntryOptions, mode: number) {
  const { rule, because, created, uid = 0, gid = 0 } = options;
  return { path, mode: options.mode ?? mode, uid, gid, mtime: created, rule, because };
}
