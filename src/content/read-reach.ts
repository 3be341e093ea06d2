import { SlimimageError } from '../errors.ts';
import type { ElfSource } from '../formats/elf/bytes.ts';
import type { ElfFacts } from '../formats/elf/facts.ts';
import { readMentions } from '../formats/elf/mentions.ts';
import { parseShebang } from '../formats/shebang/read-shebang.ts';
import type { FileReach } from '../prune/facts.ts';
import { compareStrings } from '../util/text.ts';

/** Bytes of a script, a module or a setting that is read: longer ones are data. */
const maxText = 1024 * 1024;

export interface ReachFile extends ElfSource {
  readonly path: string;
  readonly elf: ElfFacts | undefined;
  readonly shebang: string | undefined;
}

/** What a file names that other packages may have (docs/pruning.md). Undefined where it names nothing. */
export function readReach(file: ReachFile): FileReach | undefined {
  const reach = file.elf === undefined ? textReach(file) : elfReach(file, file.elf);
  return reach === undefined || Object.keys(reach).length === 0 ? undefined : reach;
}

/** One character a byte: names of files and programs are ASCII, and nothing is decoded in vain. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** libc has `system` and `dlopen` for others: it starts and opens what they tell it. */
const theirOwn = /^(?:libc\.so\.6|ld-linux[^/]*|libpthread\.so\.0|libdl\.so\.2)$/;

function elfReach(file: ReachFile, { soname = '', needed }: ElfFacts): FileReach | undefined {
  try {
    const found = readMentions(file);
    if (found === undefined) return undefined;
    const isLibc = theirOwn.test(soname);
    const paths = new Set<string>();
    const libraries = new Set<string>();
    const texts = found.data.map(textOf);
    for (const text of texts) {
      findPaths(text, paths);
      findLibraries(text, libraries);
    }
    for (const own of [soname, ...needed]) libraries.delete(own);
    const starts = found.startsPrograms && !isLibc;
    const opens = found.opensLibraries && !isLibc;
    return {
      ...listed('libraries', libraries),
      ...listed('paths', paths),
      ...(starts || opens ? wordsOf(texts, starts) : {}),
      ...(starts ? { starts: true as const } : {}),
      ...(opens ? { opens: true as const } : {}),
      ...(opens && texts.some((text) => madeName.test(text)) ? { makes: true as const } : {}),
    };
  } catch (error) {
    if (error instanceof SlimimageError && error.code === 'ELF_INVALID') return undefined;
    throw error;
  }
}

/** `lib%s.so`, `%s.so`, or an ending that is put behind a name. */
const madeName = /(?:lib%s|%s(?:\.\d+)?\.so|\0(?:lib|\.so)\0)/;

/** A word alone, and in what starts programs a word with an option behind it (`ps -p %d`). */
function wordsOf(texts: readonly string[], starts: boolean): FileReach {
  const words = new Set<string>();
  const commands = new Set<string>();
  for (const text of texts) {
    if (starts)
      for (const [, word = ''] of text.matchAll(/(?:\0|[|;&(`] ?)([a-z][a-z0-9._+-]{1,40})(?= )/g)) words.add(word);
    for (const [, word = '', rest = ''] of text.matchAll(
      /\0([A-Za-z][A-Za-z0-9._+-]{1,40})(?=\0|( +-{1,2}[A-Za-z]))/g,
    )) {
      if (rest === '') words.add(word);
      else if (starts) commands.add(word);
    }
  }
  return { ...listed('commands', commands), ...listed('words', words) };
}

function textReach(file: ReachFile): FileReach | undefined {
  const language = languageOf(file);
  if (language === undefined || file.size > maxText) return undefined;
  const text = textOf(file.read(0, file.size));
  const paths = new Set<string>();
  const libraries = new Set<string>();
  findPaths(text, paths);
  // ctypes, Fiddle and the like load what a text names.
  if (language !== 'shell' && !file.path.startsWith('etc/pam.d/')) findLibraries(text, libraries);
  const reach = { ...listed('libraries', libraries), ...listed('paths', paths) };
  switch (language) {
    case 'settings':
      return { ...reach, ...listed('words', settingWords(file.path, text)) };
    case 'shell':
      return { ...reach, ...listed('commands', shellCommands(text)) };
    case 'other':
      return { ...reach, ...listed('commands', calledWords(text)), ...listed('words', quotedWords(text)) };
    default:
      return {
        ...reach,
        ...listed('imports', importsOf(text, language)),
        ...listed('commands', calledWords(text)),
        ...(file.shebang === undefined && !opening.test(text) ? {} : listed('words', quotedWords(text))),
        ...(opening.test(text) ? { opens: true as const, makes: true as const } : {}),
      };
  }
}

/** Modules by which programs of an interpreter load libraries by name. */
const opening = /\b(?:ctypes|cffi|dlopen|LoadLibrary|find_library|Fiddle|FFI|dl_load_file)\b/;

type Language = 'settings' | 'shell' | 'perl' | 'python' | 'ruby' | 'other';

const byExtension: Readonly<Record<string, Language>> = {
  pl: 'perl',
  pm: 'perl',
  py: 'python',
  rb: 'ruby',
  sh: 'shell',
};

function languageOf({ path, shebang }: ReachFile): Language | undefined {
  if (shebang !== undefined) {
    const program = parseShebang(shebang).program.replace(/^.*\//, '');
    if (/^(?:ba|da|k|z|)sh$/.test(program)) return 'shell';
    return (['perl', 'python', 'ruby'] as const).find((name) => program.startsWith(name)) ?? 'other';
  }
  const [, extension = ''] = /\.([a-z]+)$/.exec(path) ?? [];
  return byExtension[extension] ?? (path.startsWith('etc/') ? 'settings' : undefined);
}

const pathEnd = /[^A-Za-z0-9_+.@/-]/g;
const isPathCharacter = /[A-Za-z0-9_+.@/-]/;
const roots = ['/usr/', '/bin/', '/sbin/', '/etc/', '/lib/'];

/** Absolute paths that stand for themselves, without a slash at their end. */
function findPaths(text: string, found: Set<string>): void {
  for (const root of roots) {
    for (let at = text.indexOf(root); at >= 0; at = text.indexOf(root, at + root.length)) {
      if (at > 0 && isPathCharacter.test(text[at - 1] as string)) continue;
      pathEnd.lastIndex = at;
      const end = pathEnd.exec(text)?.index ?? text.length;
      if (end - at > maxPath) continue;
      const path = text.slice(at, end).replace(/[/.]+$/, '');
      if (path.length > root.length) found.add(path);
    }
  }
}

const maxPath = 200;

/** `libfoo.so.1`, `foo.so`. */
function findLibraries(text: string, found: Set<string>): void {
  for (let at = text.indexOf('.so'); at >= 0; at = text.indexOf('.so', at + 3)) {
    let start = at;
    while (start > 0 && at - start < 80 && /[A-Za-z0-9_+-]/.test(text[start - 1] as string)) start--;
    if (start === at) continue;
    const [name] = /^[A-Za-z0-9_+-]+\.so(?:\.\d+)*(?![A-Za-z0-9_])/.exec(text.slice(start, at + 24)) ?? [];
    if (name !== undefined) found.add(name);
  }
}

/** Words of settings; of a PAM service the modules that it names, and the files that it includes (pam.conf(5)). */
function settingWords(path: string, text: string): ReadonlySet<string> {
  const uncommented = text.replace(/^[ \t]*[#;].*$/gm, '');
  const words = path.startsWith('etc/pam.d/')
    ? /\bpam_[a-z0-9_]+\.so\b|\bcommon-[a-z]+\b/g
    : /(?<![A-Za-z0-9_.+/-])[A-Za-z][A-Za-z0-9._+-]{1,40}(?![A-Za-z0-9_/])/g;
  return new Set([...uncommented.matchAll(words)].map(([word]) => word));
}

const prefix = '(?:if|then|else|elif|do|while|until|exec|command|type|which|env|xargs|nohup|sudo|time|eval|!)';
const commandPlace = new RegExp(
  `(?:^|[|;&({\`])[ \\t]*(?:${prefix}[ \\t]+(?:-\\S+[ \\t]+)*)*(?:[A-Za-z_]\\w*=[^\\s;\`(]*[ \\t]+)*([A-Za-z0-9_][A-Za-z0-9_.+-]*)`,
  'gm',
);

/** Words of a shell script where a command's name stands: more than it runs, never less by much. */
function shellCommands(text: string): ReadonlySet<string> {
  const uncommented = text.replace(/(^|\s)#.*$/gm, '$1');
  return new Set([...uncommented.matchAll(commandPlace)].map(([, word = '']) => word));
}

/** First words of quoted texts, where Perl, Python and others have the commands that they run. */
function quotedWords(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/["'`]([A-Za-z][A-Za-z0-9._+-]{1,40})(?=["'` ])/g)].map(([, word = '']) => word));
}

const callPattern =
  /\b(?:system|exec|open[23]?|popen[23]?|Popen|spawn[a-z]*|qx|check_output|check_call|run)\b[ \t]*[([{]?[^"'\n]{0,30}(?:["']-\|["'],?[ \t]*)?\[?["'{]([a-z][a-z0-9._+-]{0,40})(?=["'} ])/g;

/** Commands behind the functions that run them. */
function calledWords(text: string): ReadonlySet<string> {
  const quoted = [...text.matchAll(/["'`]([a-z][a-z0-9._+-]{1,40}) +-{1,2}[A-Za-z]/g)];
  return new Set([...text.matchAll(callPattern), ...quoted].map(([, word = '']) => word));
}

const importPatterns = {
  perl: /^[ \t]*(?:use|require|use parent|use base)[ \t]+([A-Za-z]\w*(?:::\w+)*)/gm,
  python: /^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)/gm,
  ruby: /^[ \t]*require[ \t(]+["']([\w/-]+)["']/gm,
};

function importsOf(text: string, language: keyof typeof importPatterns): ReadonlySet<string> {
  const pattern = importPatterns[language];
  return new Set([...text.matchAll(pattern)].map(([, name = '']) => `${language}:${name}`));
}

/** One text a file: an index with lists would take longer to read than to use. */
function listed<K extends string>(key: K, values: ReadonlySet<string>): { [P in K]?: string } {
  if (values.size === 0) return {};
  return { [key]: [...values].sort(compareStrings).join(' ') } as { [P in K]?: string };
}
