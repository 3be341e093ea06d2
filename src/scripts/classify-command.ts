import { knownCommand } from './known-commands.ts';
import { isKnownPath, isUselessPath } from './script-paths.ts';
import { isKnown, unknown } from './state.ts';
import { isTemporary } from './temporary-files.ts';
import type { ScriptCommand, ScriptRedirect, ScriptVerdict } from './types.ts';

export interface Judgement {
  readonly verdict: ScriptVerdict;
  readonly because: string;
  /** Absolute, known. */
  readonly paths: readonly string[];
  /** What it runs may do nothing. */
  readonly mayBeNothing?: boolean;
}

/**
 * What becomes of a command of a maintainer script: by its name, else by its words, and by the files that it writes.
 *
 * @param temporaries temporary files whose text is known (temporary-files.ts)
 */
export function classifyCommand(
  command: ScriptCommand,
  temporaries: ReadonlySet<string> = new Set<string>(),
): Judgement {
  const [name = '', ...rest] = command.words;
  const isCopy = copies.has(name) && command.certainty === 'runs';
  const sources = new Set(isCopy ? rest.slice(0, -1).filter((word) => temporaries.has(word)) : []);
  const words = [name, ...rest.map((word, at) => (sources.has(word) && at < rest.length - 1 ? '/known' : word))];
  return worst([
    judgeWords(words, command, 0),
    ...command.redirects.flatMap((redirect) => judgeRedirect(redirect, command)),
  ]);
}

const copies = new Set(['cp', 'mv', 'ucf', 'install']);

const order: readonly ScriptVerdict[] = ['nothing', 'irrelevant', 'covered', 'not-reproduced'];

export function worst(judgements: readonly Judgement[]): Judgement {
  return judgements.reduce((a, b) => (order.indexOf(b.verdict) > order.indexOf(a.verdict) ? b : a), nothing);
}

const nothing: Judgement = { verdict: 'nothing', because: 'it only reads', paths: [] };
const byteCode: Judgement = {
  verdict: 'irrelevant',
  because: 'byte code and caches that programs make for themselves',
  paths: [],
};
const logs: Judgement = { verdict: 'irrelevant', because: 'logs, which begin empty', paths: [] };
const useless: Judgement = { verdict: 'irrelevant', because: 'paths of no use in an image', paths: [] };

function notReproduced(because: string, paths: readonly string[] = []): Judgement {
  return { verdict: 'not-reproduced', because, paths: paths.filter(isKnownPath) };
}

function scriptFiles(paths: readonly string[]): Judgement {
  return { verdict: 'covered', because: 'script files', paths: paths.filter(isKnownPath) };
}

function judgeRedirect({ operator, target }: ScriptRedirect, command: ScriptCommand): readonly Judgement[] {
  if (!operator.includes('>') || operator === '>&' || /^&|^-?$|^[0-9]+$/.test(target)) return [];
  if (isUselessPath(target)) return target.startsWith('/dev/') ? [] : [useless];
  if (isLog(target)) return [logs];
  if (!isKnownPath(target)) return [notReproduced('a file whose place only running it would tell')];
  return [
    isLiteral(command)
      ? scriptFiles([target])
      : notReproduced('a file whose text only running it would tell', [target]),
  ];
}

/** What it writes is known: the same commands as in the effect of script files. */
export function isLiteral({ words, redirects, piped, text }: ScriptCommand): boolean {
  const [name = '', ...rest] = words;
  const document = redirects.findLast(({ operator }) => operator.startsWith('<'));
  if (piped) return false;
  if (name === '') return text.startsWith('>');
  if (name === ':' || name === 'true') return true;
  if (name === 'echo' || name === 'printf') return rest.every(isKnown) && rest[0] !== '-e';
  return name === 'cat' && rest.length === 0 && document?.operator === '<<' && isKnown(document.target);
}

/** Commands within commands. */
const maxDepth = 5;

function judgeWords(words: readonly string[], command: ScriptCommand, depth: number): Judgement {
  const [name = '', ...rest] = words;
  if (name === '') return nothing;
  if (!isKnown(name) || depth > maxDepth) return notReproduced('a command that only running it would tell');
  if (name.startsWith('/etc/init.d/')) return { verdict: 'irrelevant', because: 'services', paths: [] };
  const base = name.slice(name.lastIndexOf('/') + 1);
  const inner = innerCommand(base, rest);
  if (inner !== undefined) return judgeInner(inner, command, depth + 1);
  const judge = byWords.get(/^python3\.[0-9]+$/.test(base) ? 'python3' : base);
  if (judge !== undefined) return judge(rest, command);
  const known = knownCommand(base);
  if (known === undefined) return notReproduced(`unknown command ${base}`, rest);
  return {
    verdict: known.verdict,
    because: known.because,
    paths: known.verdict === 'nothing' ? [] : rest.filter(isKnownPath),
  };
}

/** Effects read the commands that scripts name, not those that `env` or `runuser` run for them. */
function judgeInner(words: readonly string[], command: ScriptCommand, depth: number): Judgement {
  const judged = judgeWords(words, command, depth);
  const isCalled = judged.verdict === 'covered' && byCalls.has(judged.because);
  return isCalled ? notReproduced(`${words[0]} within another command`, judged.paths) : judged;
}

/** Rules of effects that play commands. */
const byCalls = new Set(['accounts', 'alternatives', 'diversions', 'login shells', 'pam', 'script files']);

/** The command that another one runs: `env`, `nice`, `su`, `runuser`, ... Undefined where it is none of these. */
function innerCommand(base: string, words: readonly string[]): readonly string[] | undefined {
  const values = wrappers.get(base);
  if (values === undefined) return undefined;
  if (['su', 'runuser', 'sh', 'bash', 'dash'].includes(base)) {
    const at = words.findIndex((word) => /^-[a-z]*c$/.test(word) || word === '--command');
    const text = words[at + 1];
    if (at >= 0 && text !== undefined) return /^[\w./ =-]+$/.test(text) ? text.trim().split(/\s+/) : [unknown];
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return words.slice(at + 1);
    if (values.includes(word)) at++;
    else if (!word.startsWith('-') && !/^[A-Za-z_]\w*=/.test(word))
      return words.slice(at + (base === 'timeout' ? 1 : 0));
  }
  return [':'];
}

/** Command -> its options that take a value. */
const wrappers: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    env: ['-u', '-C', '-S'],
    nice: ['-n'],
    ionice: ['-c', '-n'],
    nohup: [],
    setsid: [],
    timeout: ['-s', '-k'],
    runuser: ['-u', '-g', '-G', '-s'],
    su: ['-s', '-g'],
    sudo: ['-u', '-g'],
    setpriv: ['--reuid', '--regid'],
    sh: ['-o'],
    bash: ['-o'],
    dash: ['-o'],
    busybox: [],
  }),
);

type Judge = (words: readonly string[], command: ScriptCommand) => Judgement;

const byWords: ReadonlyMap<string, Judge> = new Map(
  Object.entries<Judge>({
    chmod: (words) => changed(operandsOf(words).slice(1), words),
    chown: (words) => changed(operandsOf(words).slice(1), words),
    chgrp: (words) => changed(operandsOf(words).slice(1), words),
    mkdir: (words) => made(operandsOf(words, ['-m', '--mode'])),
    touch: (words) => made(operandsOf(words, ['-r', '-d', '-t']).filter((path) => !isLog(path))),
    install: (words) =>
      isFolderCall(words) ? made(operandsOf(words, installValues)) : copied(operandsOf(words, installValues)),
    cp: (words) => copied(operandsOf(words, ['-t', '-S'])),
    ln: (words) => linked(words),
    mv: (words) => moved(operandsOf(words)),
    rm: (words) => removed(operandsOf(words)),
    unlink: (words) => removed(words),
    ucf: (words) =>
      words.some((word) => word === '-p' || word === '--purge')
        ? nothing
        : copied(operandsOf(words, ['-n', '-s', '-S', '-D', '--src-dir', '--sum-file'])),
    'dpkg-statoverride': (words) => (words.includes('--add') ? made(words.slice(-1)) : nothing),
    'dpkg-divert': (words) =>
      words.some((word) => /^--(?:list|listpackage|truename|help|version)$/.test(word))
        ? nothing
        : { verdict: 'covered', because: 'diversions', paths: words.filter(isKnownPath) },
    dpkg: (words) =>
      words.some((word) => /^(-i|--install|--configure|--unpack)$/.test(word))
        ? notReproduced('it installs packages')
        : nothing,
    sed: (words) => edited(words, /^(-[a-zA-Z]*i|--in-place)/),
    perl: (words, command) => program('perl', words, command),
    python3: (words, command) => program('python', words, command),
    openssl: (words, command) => openssl(words, command),
    postconf: (words) =>
      words.some((word) => /^-[a-zA-Z]*[eMPX#]/.test(word)) ? notReproduced('a setting of postfix') : nothing,
    find: (words) => found(words),
    xargs: (words, command) =>
      judgeWords([...operandsOf(words, ['-I', '-n', '-P', '-L', '-a', '-d']), unknown], command, 1),
    tee: (words) => written(operandsOf(words)),
    dd: (words) => written(words.filter((word) => word.startsWith('of=')).map((word) => word.slice(3))),
    adduser: (words) => account(words),
    addgroup: (words) => account(words),
    useradd: (words) => account(words),
    groupadd: (words) => account(words),
    gpasswd: (words) => account(words),
    usermod: (words) => accountChange(words, /^(?:-[a-zA-Z]*[cdlsu]|--(?:comment|home|login|shell|uid|move-home))/),
    groupmod: (words) => accountChange(words, /^(?:-[a-zA-Z]*[gn]|--(?:gid|new-name))/),
    chsh: (words) => accountChange(words, /^/),
    chfn: (words) => accountChange(words, /^/),
    'dpkg-reconfigure': () => notReproduced('it runs the scripts of another package again'),
    '.': (words) => sourced(words),
    source: (words) => sourced(words),
    setcap: (words) => ({
      verdict: 'irrelevant',
      because: 'file capabilities, which no image has',
      paths: words.slice(1).filter(isKnownPath),
    }),
  }),
);

const installValues = ['-o', '--owner', '-g', '--group', '-m', '--mode', '-t', '-S'];

function operandsOf(words: readonly string[], valued: readonly string[] = []): readonly string[] {
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return [...operands, ...words.slice(at + 1)];
    if (valued.includes(word) || (/^-[a-zA-Z]{2,}$/.test(word) && valued.includes(`-${word.at(-1)}`))) at++;
    else if (!word.startsWith('-') || word === '-') operands.push(word);
  }
  return operands;
}

/** A file, as far as the commands that write files go: folders for logs are made. */
function isLog(path: string): boolean {
  return path.startsWith('/var/log/');
}

function isFolderCall(words: readonly string[]): boolean {
  return words.some((word) => /^-[a-zA-Z]*d/.test(word) || word === '--directory');
}

/** Folders and files that a command makes: the effect of script files makes them, too, where their names are known. */
function made(paths: readonly string[]): Judgement {
  const used = paths.filter((path) => !isUselessPath(path));
  if (used.length === 0) return paths.length === 0 ? nothing : useless;
  return used.every(isKnownPath) ? scriptFiles(used) : notReproduced('a path that only running it would tell', used);
}

function changed(paths: readonly string[], words: readonly string[]): Judgement {
  const used = paths.filter((path) => !isUselessPath(path));
  if (used.length === 0) return useless;
  const isClear =
    used.every(isKnownPath) && words.every(isKnown) && !words.some((word) => /^--(reference|from)/.test(word));
  return isClear ? scriptFiles(used) : notReproduced('permissions that only running it would tell', used);
}

function copied(operands: readonly string[]): Judgement {
  const target = operands.at(-1) ?? '';
  if (isUselessPath(target)) return useless;
  if (isLog(target)) return logs;
  if (operands.every(isKnownPath) && !operands.some(isTemporary)) return scriptFiles([target]);
  return notReproduced('a copy of what only running it would tell', [target]);
}

function linked(words: readonly string[]): Judgement {
  const operands = operandsOf(words, ['-t', '-S']);
  const place = operands.at(-1) ?? '';
  if (isUselessPath(place)) return useless;
  const isSymbolic = words.some((word) => /^-[a-zA-Z]*s/.test(word) || word === '--symbolic');
  return isSymbolic && operands.length > 1 && operands.every(isKnown) && isKnownPath(place)
    ? scriptFiles([place])
    : notReproduced('a link that only running it would tell', [place]);
}

/** On a first installation there is nothing to move but what the script or its package has made. */
function moved(operands: readonly string[]): Judgement {
  const [from = '', to = ''] = operands;
  if (isUselessPath(to)) return useless;
  if (isTemporary(from) || !isKnown(from)) return notReproduced('a file whose text only running it would tell', [to]);
  return isKnownPath(from) ? scriptFiles([from, to]) : notReproduced('a path that only running it would tell', [to]);
}

function removed(operands: readonly string[]): Judgement {
  const used = operands.filter((path) => !isUselessPath(path) && isKnownPath(path));
  return used.length === 0 ? nothing : scriptFiles(used);
}

function edited(words: readonly string[], isInPlace: RegExp): Judgement {
  // A copy for the administrator is made of what an older version left.
  if (!words.some((word) => isInPlace.test(word)) || words.some((word) => /^-i.*\.dpkg-/.test(word))) return nothing;
  const isGiven = words.some((word) => /^(?:-[a-zA-Z]*[ef]|--expression|--file)/.test(word));
  const operands = operandsOf(words, ['-e', '-f', '-l', '--expression', '--file']);
  // Without -e, the first one is the program.
  const paths = isGiven ? operands : operands.slice(1);
  const used = paths.filter((path) => !isUselessPath(path));
  return paths.length > 0 && used.length === 0 ? useless : notReproduced('a file edited in place', used);
}

/** What a program prints for the script to read changes nothing, so far as its name tells. */
function program(language: string, words: readonly string[], { asked, piped }: ScriptCommand): Judgement {
  if (language === 'perl' && words.some((word) => /^-[a-z0]*i/.test(word))) return edited(words, /^-[a-z0]*i/);
  if (words.some((word) => /(^|\/)(compileall|py_compile)(\.py)?$/.test(word))) return byteCode;
  const isInline = words.some((word) => /^-[a-zA-Z]*[ceEnp]/.test(word)) || /^(?:-V|--version)$/.test(words[0] ?? '');
  return isInline && (asked || piped) ? nothing : notReproduced(`a program in ${language}`, words);
}

/** Keys and certificates of its own are what no image has; what it prints is read. */
function openssl(words: readonly string[], { asked, piped }: ScriptCommand): Judgement {
  const makes = ['dhparam', 'genpkey', 'genrsa', 'rand', 'req'].includes(words[0] ?? '');
  if (makes)
    return { verdict: 'irrelevant', because: 'private keys, which no image has', paths: words.filter(isKnownPath) };
  return asked || piped ? nothing : notReproduced('a file whose text only running it would tell', words);
}

/** Settings, which are assignments, and functions, which are judged by their names where they are called. */
const harmlessFiles =
  /^\/etc\/|^\/usr\/share\/debconf\/confmodule(\.sh)?$|^(?:\/usr)?\/lib\/(?:lsb|init)\/|\/os-release$|-(?:common|helper|functions)\b|\/(?:dpkg|dbconfig-common|postgresql-common|apache2|php)\//;

function sourced([file = '']: readonly string[]): Judgement {
  if (harmlessFiles.test(file)) return nothing;
  return { ...notReproduced('commands of another file, which nobody reads'), mayBeNothing: true };
}

/** The effect of accounts makes none of which only a running shell would know a word. */
function account(words: readonly string[]): Judgement {
  return words.every(isKnown)
    ? { verdict: 'covered', because: 'accounts', paths: words.filter(isKnownPath) }
    : notReproduced('an account that only running it would tell');
}

/** Accounts are made as they are asked for, and join groups: nothing else of them changes. */
function accountChange(words: readonly string[], changes: RegExp): Judgement {
  return words.some((word) => changes.test(word)) ? notReproduced('another shell, home or number') : account(words);
}

function found(words: readonly string[]): Judgement {
  const acts = words.some((word) => /^-(delete|exec|execdir|ok|fprint)/.test(word));
  if (!acts) return nothing;
  const folders = words.slice(
    0,
    words.findIndex((word) => /^[-!(]/.test(word)),
  );
  if (folders.length > 0 && folders.every(isUselessPath)) return useless;
  const runs = words.slice(words.findIndex((word) => word.startsWith('-exec')) + 1);
  if (words.includes('-delete') || runs[0] === 'rm') return removed(folders);
  if (['rmdir', 'test', 'grep', '['].includes(runs[0] ?? '')) return nothing;
  return notReproduced('what it finds only running it would tell', folders);
}

function written(paths: readonly string[]): Judgement {
  const used = paths.filter((path) => !isUselessPath(path));
  return used.length === 0 ? nothing : notReproduced('a file whose text only running it would tell', used);
}
