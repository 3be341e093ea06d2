import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What readelf(1) sees of a program or a library. */
export interface ReadElf {
  readonly path: string;
  /** ELF's own word: `EXEC`, `DYN`. */
  readonly type: string;
  readonly needed: readonly string[];
  readonly relro: boolean;
  /** False where there is no PT_GNU_STACK, too. */
  readonly nx: boolean;
  /** It calls the function of stack protectors. */
  readonly canary: boolean;
}

/** Of those files of an unpacked tree that are programs or libraries in ELF. */
export function readElves(root: string, files: readonly string[]): readonly ReadElf[] {
  const elves = files.filter((file) => isElf(join(root, file)));
  const found: ReadElf[] = [];
  for (let at = 0; at < elves.length; at += 200) {
    const some = elves.slice(at, at + 200);
    const options = ['--file-header', '--program-headers', '--dynamic', '--dyn-syms', '--wide'];
    // Of one file alone it prints no name; that the last one is none at all, it says on stderr.
    const { stdout } = spawnSync('readelf', [...options, ...some.map((file) => join(root, file)), '/dev/null'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      maxBuffer: 1 << 28,
    });
    const texts = stdout.split(/^File: (.*)$/m);
    for (let name = 1; name < texts.length; name += 2) {
      const elf = readText(texts[name]?.slice(root.length + 1) ?? '', texts[name + 1] ?? '');
      if (elf.type === 'EXEC' || elf.type === 'DYN') found.push(elf);
    }
  }
  return found;
}

function readText(path: string, text: string): ReadElf {
  return {
    path,
    type: /^ {2}Type: +([A-Z]+)/m.exec(text)?.[1] ?? '',
    needed: [...text.matchAll(/\(NEEDED\) +Shared library: \[(.*)\]/g)].map(([, name = '']) => name),
    relro: /^ {2}GNU_RELRO /m.test(text),
    nx: /^ {2}GNU_STACK .* RW? +0x/m.test(text),
    canary: /\b__stack_chk_fail\b/.test(text),
  };
}

function isElf(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const magic = Buffer.alloc(4);
    return readSync(descriptor, magic, 0, 4, 0) === 4 && magic.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(descriptor);
  }
}
