import { baseName } from '../rootfs/path.ts';
import { isStandIn } from './placeholders.ts';
import { isJsonWebToken, looksRandom } from './random-text.ts';
import { isHistoryFile, isMachineFile } from './secret-files.ts';
import type { Detector, FoundSecret, SecretRule, Window } from './types.ts';
import { charactersOf } from './window-text.ts';

export const fileRules: readonly SecretRule[] = [
  {
    id: 'registry-login',
    title: 'a login to a registry of images',
    level: 'error',
    looksFor: '`"auth": "..."` whose base64 is `user:password`',
  },
  {
    id: 'netrc-password',
    title: 'a password in a netrc or in apt’s auth.conf',
    level: 'error',
    looksFor: '`password WORD` in `.netrc`, `_netrc`, `etc/apt/auth.conf` or `etc/apt/auth.conf.d/`',
  },
  {
    id: 'pgpass-password',
    title: 'a password in a file of passwords of PostgreSQL',
    level: 'error',
    looksFor: 'lines of five fields in `.pgpass`',
  },
  {
    id: 'password-hash',
    title: 'the hash of a password in a file of web logins',
    level: 'info',
    looksFor: '`user:$apr1$...`, `$2y$`, `$5$`, `$6$` or `{SHA}` in `.htpasswd` or `htpasswd`',
  },
  {
    id: 'npmrc-login',
    title: 'a login to a registry of npm',
    level: 'error',
    looksFor: '`_authToken`, `_auth` or `_password` in a `.npmrc`',
  },
  {
    id: 'redis-password',
    title: 'a password of Redis',
    level: 'error',
    looksFor: '`requirepass WORD` or `masterauth WORD` in `redis*.conf`, `sentinel*.conf` or `valkey*.conf`',
  },
  {
    id: 'mounted-secret',
    title: 'a secret that should be mounted',
    level: 'error',
    looksFor: 'one word in a file of `run/secrets/`, in `.vault-token`, or in `config/master.key` (Rails)',
  },
  {
    id: 'authorization-header',
    title: 'a token in a header of HTTP',
    level: 'error',
    looksFor: '`Authorization: Bearer ...` or `Authorization: token ...` and at least 20 characters that look random',
  },
  {
    id: 'kubernetes-key',
    title: 'the key of a client of Kubernetes',
    level: 'error',
    looksFor: '`client-key-data:` and at least 100 characters of base64',
  },
  {
    id: 'password-argument',
    title: 'a password in a command',
    level: 'error',
    looksFor:
      '`--password=WORD`, `--password WORD`, `--token ...`, `sshpass -p WORD`, `curl -u USER:WORD`, `mysql -pWORD`, `docker login -p WORD` in the history of the image or of a shell, where the word is no placeholder or variable',
  },
];

export const fileDetectors: readonly Detector[] = [
  { keywords: ['"auth"'], foldCase: false, find: findRegistryLogin },
  { keywords: ['client-key-data'], foldCase: false, find: findKubernetesKey },
  { keywords: ['password'], foldCase: true, find: findMachine },
  { keywords: ['_authtoken', '_auth=', '_auth =', '_password'], foldCase: true, find: findNpmrc },
  { keywords: ['--password', '--token', '--passphrase'], foldCase: false, find: findOption },
  { keywords: ['sshpass'], foldCase: false, find: findSshpass },
  { keywords: ['curl ', 'wget '], foldCase: false, find: findUser },
  { keywords: ['mysql', 'mariadb'], foldCase: false, find: findMysql },
  {
    keywords: ['docker login', 'podman login', 'skopeo login', 'helm registry login'],
    foldCase: false,
    find: findLogin,
  },
  { keywords: ['uthorization'], foldCase: false, find: findBearer },
  { keywords: ['requirepass ', 'masterauth '], foldCase: false, find: findRedis },
  { keywords: ['$apr1$', '$2y$', '$2b$', '$2a$', ':$5$', ':$6$', '{sha}'], foldCase: true, find: findWebHash },
];

/** Rules that have no word to look for: each line is judged. */
export const lineDetectors: readonly {
  applies(path: string): boolean;
  find(window: Window, at: number): FoundSecret | undefined;
}[] = [
  { applies: (path) => baseName(path) === '.pgpass', find: findPgpass },
  { applies: isMountedSecret, find: findMounted },
];

interface Judged {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly shown: (before: string) => string;
  /** What may be part of the secret, and would be a variable elsewhere. */
  readonly dollars?: boolean;
  /** Characters that are looked at; undefined: 700. */
  readonly most?: number;
}

/** The last group of the pattern is the secret, and ends it. */
function judge(window: Window, at: number, { rule, pattern, shown, dollars, most }: Judged): FoundSecret | undefined {
  const match = pattern.exec(charactersOf(window, at, at + (most ?? 700)));
  const secret = match?.at(-1);
  if (match === null || secret === undefined || (dollars !== true && isStandIn(secret))) return undefined;
  const end = at + match[0].length;
  return { rule, start: end - secret.length, end, excerpt: shown(match[1] ?? '') };
}

function findRegistryLogin(window: Window, at: number): FoundSecret | undefined {
  const hit = judge(window, at, {
    rule: 'registry-login',
    pattern: /^"auth"\s{0,8}:\s{0,8}"([0-9A-Za-z+/]{8,4000}={0,2})/,
    shown: () => '"auth": "****"',
    most: 4096,
  });
  if (hit === undefined) return undefined;
  const login = decodedBase64(charactersOf(window, hit.start, hit.end));
  const [, user, password = ''] = /^([!-9;-~]{1,200}):([!-~]{3,3000})$/.exec(login) ?? [];
  return user === undefined || isStandIn(password) || asInManuals.test(password) ? undefined : hit;
}

const asInManuals = /^(?:pass(?:word|wd)?|secret|token|test|foo|bar)$/i;

function decodedBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}

function findKubernetesKey(window: Window, at: number): FoundSecret | undefined {
  const pattern = /^client-key-data["']?:\s{1,4}["']?([0-9A-Za-z+/]{100})/;
  return judge(window, at, { rule: 'kubernetes-key', pattern, shown: () => 'client-key-data: ****' });
}

function findMachine(window: Window, at: number): FoundSecret | undefined {
  if (window.where !== 'file' || !isMachineFile(window.path)) return undefined;
  const pattern = /^(password)[ \t\n]{1,20}(\S{1,250})/;
  return judge(window, at, { rule: 'netrc-password', pattern, shown: () => 'password ****' });
}

function findNpmrc(window: Window, at: number): FoundSecret | undefined {
  if (baseName(window.path) !== '.npmrc') return undefined;
  const pattern = /^(_(?:authToken|auth|password))[ \t]{0,8}=[ \t]{0,8}["']?([^\s"']{6,2000})/;
  return judge(window, at, { rule: 'npmrc-login', pattern, most: 2100, shown: (name) => `${name}=****` });
}

function isCommand({ where, path }: Window): boolean {
  return where === 'history' || (where === 'file' && isHistoryFile(path));
}

function findOption(window: Window, at: number): FoundSecret | undefined {
  if (!isCommand(window)) return undefined;
  const pattern = /^(--(?:password|token|passphrase))(?:=| {1,8})["']?([^\s"'-][^\s"']{3,250})/;
  return judge(window, at, { rule: 'password-argument', pattern, shown: (name) => `${name} ****` });
}

function findSshpass(window: Window, at: number): FoundSecret | undefined {
  if (!isCommand(window)) return undefined;
  const pattern = /^(sshpass) {1,8}-p {0,8}["']?([^\s"']{3,250})/;
  return judge(window, at, { rule: 'password-argument', pattern, shown: () => 'sshpass -p ****' });
}

function findUser(window: Window, at: number): FoundSecret | undefined {
  if (!isCommand(window)) return undefined;
  const pattern = /^(curl|wget) [^\n|;&]{0,300}?(?:-u|--user) {0,8}["']?[^\s:"']{1,100}:([^\s"']{3,250})/;
  return judge(window, at, { rule: 'password-argument', pattern, shown: (name) => `${name} -u ****` });
}

function findMysql(window: Window, at: number): FoundSecret | undefined {
  if (!isCommand(window)) return undefined;
  const pattern = /^(mysql\w{0,8}|mariadb[\w-]{0,12}) (?:[^\n|;&]{0,200} )?-p["']?([^\s"'|;&]{4,250})/;
  return judge(window, at, { rule: 'password-argument', pattern, shown: (name) => `${name} -p****` });
}

function findLogin(window: Window, at: number): FoundSecret | undefined {
  if (!isCommand(window)) return undefined;
  const pattern = /^(\w+(?: registry)? login) (?:[^\n|;&]{0,200} )?-p[ =]{0,4}["']?([^\s"'|;&]{4,250})/;
  return judge(window, at, { rule: 'password-argument', pattern, shown: (name) => `${name} -p ****` });
}

function findBearer(window: Window, at: number): FoundSecret | undefined {
  const pattern = /^(uthorization)["']?[ \t]{0,4}[:=][ \t]{0,4}["']?(?:Bearer|token) ([\w.~+/=-]{20,2000})/;
  const hit = judge(window, at, {
    rule: 'authorization-header',
    pattern,
    most: 2100,
    shown: () => 'Authorization: ****',
  });
  if (hit === undefined) return undefined;
  const token = charactersOf(window, hit.start, hit.end);
  return looksRandom(token) && !isJsonWebToken(token) ? hit : undefined;
}

function findRedis(window: Window, at: number): FoundSecret | undefined {
  if (!/^(?:redis|sentinel|valkey).*\.conf$/.test(baseName(window.path))) return undefined;
  if (at > 0 && window.bytes[at - 1] !== newline) return undefined;
  const pattern = /^(requirepass|masterauth) {1,8}["']?([^\s"']{4,250})/;
  return judge(window, at, { rule: 'redis-password', pattern, shown: (name) => `${name} ****` });
}

const newline = 10;

function findWebHash(window: Window, at: number): FoundSecret | undefined {
  if (!/^\.?htpasswd/.test(baseName(window.path))) return undefined;
  const pattern = /^:?(\$(?:apr1|2[aby]|5|6)\$|\{SHA\})([\w./$+=]{20,120})/i;
  return judge(window, at, { rule: 'password-hash', pattern, dollars: true, shown: (kind) => `${kind}****` });
}

function findPgpass(window: Window, at: number): FoundSecret | undefined {
  const pattern = /^([^#:\n][^:\n]{0,250}|\*):(?:\d{1,5}|\*):[^:\n]{1,100}:[^:\n]{1,100}:([^\n]{1,250})/;
  return judge(window, at, {
    rule: 'pgpass-password',
    pattern,
    shown: (host) => `${/^[\w.*-]{1,100}$/.test(host) ? host : ''}:****`,
  });
}

/** Where engines mount secrets, Rails keeps its master key and Vault its token: the whole file is the secret. */
function isMountedSecret(path: string): boolean {
  return /(?:^|\/)(?:run\/secrets\/[\w.-]+|config\/master\.key|config\/credentials\/\w+\.key|\.vault-token)$/.test(
    path,
  );
}

function findMounted(window: Window, at: number): FoundSecret | undefined {
  if (at > 0) return undefined;
  return judge(window, at, { rule: 'mounted-secret', pattern: /^()([!-~]{6,500})\s{0,4}$/, shown: () => '****' });
}
