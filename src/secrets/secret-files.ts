import { baseName } from '../rootfs/path.ts';

/** Files that hold credentials and little else: every value in them counts. */
export function isCredentialFile(path: string): boolean {
  const name = baseName(path);
  return (
    credentialNames.has(name) ||
    /^\.env(?:\.(?!example|sample|template|dist)[\w-]+)?$|^[\w-]+\.env$/.test(name) ||
    isHistoryFile(path) ||
    isMachineFile(path) ||
    /(?:^|\/)(?:\.(?:aws|cargo|docker|gem|kube|composer|m2|config\/(?:gcloud|gh|hub|rclone))\/(?:[\w.-]+\/)*[\w.-]+|\.config\/hub|etc\/(?:odbc\.ini|mysql\/debian\.cnf))$/.test(
      path,
    )
  );
}

/** `machine HOST login USER password WORD`: netrc(5), apt_auth.conf(5). */
export function isMachineFile(path: string): boolean {
  const name = baseName(path);
  return name === '.netrc' || name === '_netrc' || /(?:^|\/)etc\/apt\/auth\.conf(?:\.d\/[^/]+)?$/.test(path);
}

/** What a shell or a client was told. */
export function isHistoryFile(path: string): boolean {
  return /^\.(?:(?:ba|z|a|da|k)?sh|mysql|psql|python|node_repl|rediscli|sqlite)_history$/.test(baseName(path));
}

/** Where values stand without quotes. */
export function isConfiguration(path: string): boolean {
  return /\.(?:conf|cfg|cnf|ini|properties|ya?ml|toml|env|tfvars|tfstate|secret|sh|bash|zsh|service)$/.test(path);
}

/** Where applications are told their passwords. What others publish as a module has such files as examples. */
export function isApplicationFile(path: string): boolean {
  return (
    applicationFile.test(baseName(path)) &&
    !/(?:^|\/)(?:node_modules|(?:site|dist)-packages|gems|doc|docs|tests?)\//.test(path)
  );
}

/** What tests are made of: values that were made up. Keys and tokens of known form count there, too. */
export function isTestFile(path: string): boolean {
  return /(?:^|\/)(?:testdata|tests?|__tests__|specs?|fixtures)\/|[_.](?:test|spec)\.\w+$/.test(path);
}

const applicationFile = new RegExp(
  [
    ...['(?:application|bootstrap)(?:[-.][\\w-]+)*\\.(?:properties|ya?ml)', 'appsettings(?:\\.\\w+)?\\.json'],
    ...['(?:docker-)?compose(?:[-.][\\w-]+)*\\.ya?ml', 'wp-config\\.php', 'settings(?:_\\w+)?\\.py'],
    ...[
      '(?:database|db|secrets?|credentials|config|settings|production|parameters|auth)\\.(?:ya?ml|json|ini|toml|php)',
    ],
    ...['[\\w.-]+\\.tfvars(?:\\.json)?', '[\\w.-]*\\.tfstate(?:\\.backup)?', '(?:gradle|local)\\.properties'],
  ]
    .map((name) => `^${name}$`)
    .join('|'),
);

const credentialNames = new Set([
  ...[
    '.npmrc',
    '.yarnrc',
    '.pypirc',
    '.pgpass',
    '.git-credentials',
    '.my.cnf',
    '.dockercfg',
    '.htpasswd',
    '.s3cfg',
    '.boto',
  ],
  ...['.vault-token', '.terraformrc', 'pip.conf', '.gem_credentials', '.mylogin.cnf', '.passwd-s3fs', '.env'],
]);
