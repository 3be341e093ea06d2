import { multiarchTriplet } from '../oci/debian-architecture.ts';
import { type FileTests, or } from './conditions.ts';
import { isKnown, type Tri, unknown } from './state.ts';

/** What a script may ask about the system where its package is installed for the first time. */
export interface SystemFacts {
  /** Whether a file or folder is there, `path` absolute; undefined where nobody knows. */
  readonly exists?: ((path: string) => Tri) | undefined;
  /** Whether an account is there before the script runs; undefined: Debian's fixed ones alone are. */
  readonly account?: ((kind: 'user' | 'group', name: string) => Tri) | undefined;
  /** Debian architecture: `amd64`. */
  readonly architecture?: string | undefined;
  /** Answers to debconf questions: their templates' defaults. */
  readonly answers?: ReadonlyMap<string, string> | undefined;
}

/** What the script itself has changed so far: nothing of that is told by the system's facts. */
export class FirstInstall implements FileTests {
  readonly #facts: SystemFacts;
  readonly #touched = new Set<string>();
  readonly #accounts = new Map<string, Tri>();
  readonly #overrides = new Set<string>();
  readonly #answers: Map<string, string>;
  #temporary = 0;

  constructor(facts: SystemFacts) {
    this.#facts = facts;
    this.#answers = new Map(facts.answers);
  }

  test(operator: string, path: string): Tri {
    const clean = cleanPath(path);
    if (clean === undefined) return undefined;
    if (/^\/run\/systemd(\/|$)/.test(clean) || operator === '-S' || operator === '-p') return false;
    if (/^\/(proc|sys|dev|run|tmp)(\/|$)/.test(clean) || this.#wasTouched(clean)) return undefined;
    const there = this.#facts.exists?.(clean);
    // That it is there does not say of which kind it is.
    return there === true && !['-e', '-a', '-f', '-x', '-r', '-d'].includes(operator) ? undefined : there;
  }

  /**
   * Whatever path a command names may be another one after it, and an account that it makes is there; may be there, like
   * the answers that it gives, where nobody knows whether it runs.
   */
  ran(words: readonly string[], targets: readonly string[], { isDoubtful }: { readonly isDoubtful: boolean }): void {
    const [name = '', ...rest] = words;
    const program = name.slice(name.lastIndexOf('/') + 1);
    if (readers.has(program)) return;
    for (const word of [...rest, ...targets]) {
      const path = cleanPath(word.replace(/^-[^=]*=/, ''));
      if (path !== undefined && path !== '/dev/null') this.#touched.add(path);
    }
    if (program === 'dpkg-statoverride' && rest.includes('--add')) this.#overrides.add(rest.at(-1) ?? '');
    if (program === 'db_set') this.#answers.set(rest[0] ?? '', isDoubtful ? unknown : (rest[1] ?? ''));
    for (const kind of accountTools.get(program) ?? []) {
      // `adduser --ingroup G U`: of two names only the last one is surely new.
      const made = rest.findLast((word) => /^[a-z_]/i.test(word));
      if (kind === 'user' || program !== 'adduser' || rest.includes('--group'))
        this.#accounts.set(`${kind} ${made}`, this.#accounts.get(`${kind} ${made}`) ?? (isDoubtful ? undefined : true));
    }
  }

  hasProgram(name: string): Tri {
    if (!isKnown(name) || name === '') return undefined;
    if (name.includes('/')) return this.test('-x', name);
    const answers = ['/usr/bin/', '/usr/sbin/', '/bin/', '/sbin/'].map((folder) => this.test('-x', folder + name));
    if (answers.includes(true)) return true;
    return answers.includes(undefined) ? undefined : false;
  }

  account(kind: 'user' | 'group', name: string): Tri {
    if (!isKnown(name) || name === '') return undefined;
    const made = `${kind} ${name}`;
    if (this.#accounts.get(made) === true || (kind === 'user' ? fixedUsers : fixedGroups).has(name)) return true;
    const before = this.#facts.account === undefined ? false : this.#facts.account(kind, name);
    return this.#accounts.has(made) ? or(before, undefined) : before;
  }

  answer(question: string): string {
    return this.#answers.get(question) ?? unknown;
  }

  hasOverride(path: string): Tri {
    return this.#overrides.has(path) ? undefined : false;
  }

  /** What mktemp(1) answers, each time another one: `mktemp.1`, in the folder and behind the name of its template. */
  temporaryPath(template = '/tmp/'): string {
    this.#temporary += 1;
    return `${template.replace(/X*$/, '')}mktemp.${this.#temporary}`;
  }

  get architecture(): string {
    return this.#facts.architecture ?? unknown;
  }

  get multiarch(): string {
    return multiarchTriplet(this.architecture) ?? unknown;
  }

  #wasTouched(path: string): boolean {
    if (this.#touched.has(path)) return true;
    for (const touched of this.#touched) {
      if (path.startsWith(`${touched}/`) || touched.startsWith(`${path}/`)) return true;
    }
    return false;
  }
}

/** Commands that change nothing. */
const readers = new Set([
  '[',
  'test',
  'echo',
  'printf',
  'getent',
  'id',
  'which',
  'command',
  'grep',
  'dpkg',
  'cat',
  'ls',
  'stat',
]);
const accountTools = new Map<string, readonly ('user' | 'group')[]>([
  ['adduser', ['user', 'group']],
  ['useradd', ['user', 'group']],
  ['addgroup', ['group']],
  ['groupadd', ['group']],
]);

function cleanPath(path: string): string | undefined {
  if (!path.startsWith('/') || !isKnown(path) || /[*?[]/.test(path)) return undefined;
  const clean = path.replace(/\/(\.?\/)+/g, '/').replace(/(.)\/\.?$/, '$1');
  return clean === '/' ? undefined : clean;
}

/** passwd.master and group.master of base-passwd. */
const fixedUsers = new Set([
  ...['root', 'daemon', 'bin', 'sys', 'sync', 'games', 'man', 'lp', 'mail', 'news', 'uucp', 'proxy', 'www-data'],
  ...['backup', 'list', 'irc', '_apt', 'nobody', '0'],
]);
const fixedGroups = new Set([
  ...['root', 'daemon', 'bin', 'sys', 'adm', 'tty', 'disk', 'lp', 'mail', 'news', 'uucp', 'man', 'proxy', 'kmem'],
  ...['dialout', 'fax', 'voice', 'cdrom', 'floppy', 'tape', 'sudo', 'audio', 'dip', 'www-data', 'backup', 'operator'],
  ...['list', 'irc', 'src', 'shadow', 'utmp', 'video', 'sasl', 'plugdev', 'staff', 'games', 'users', 'nogroup', '0'],
]);
