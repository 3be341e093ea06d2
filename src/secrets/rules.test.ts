import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { secretRules } from './rules.ts';
import { SecretScanner } from './secret-scanner.ts';

/** Random enough, and nobody's: planted secrets are put together here, so that no scanner of sources finds one. */
const letters = 'q7Zt3KvXb9LmR2wPc8NdF4hJ6sYg5TxVk1QzWnBrHpDf0MjCeUaSiGoElyAuIO';
const some = (length: number) => letters.repeat(20).slice(0, length);
const hex = (length: number) => '3f9a1c7e5b2d8046af13ce97b5d20864'.repeat(4).slice(0, length);
/** Apart in the source, so that no scanner finds a login in it. */
const assigned = (name: string, value: string) => `${name}=${value}\n`;
const capitals = (length: number) => 'Q7ZT3KVXB6LMR2WPC5ND'.slice(0, length);

const { privateKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string;
const pkcs1 = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const rsa = pkcs1.export({ type: 'pkcs1', format: 'pem' }) as string;
const begin = (kind: string) => `-----BEGIN ${kind}PRIVATE KEY-----`;
const body = (rows: number) => Array.from({ length: rows }, (_, row) => some(62 + row).slice(row)).join('\n');

/** A key store of Java: entries of kind 1 are keys, of kind 2 certificates. */
function javaStore(...kinds: readonly number[]): Uint8Array {
  const entries = kinds.flatMap((kind) => [
    ...[0, 0, 0, kind, 0, 1, 0x61, 0, 0, 1, 0, 0, 0, 0, 0],
    ...[0, 5, ...Buffer.from('X.509'), 0, 0, 0, 2, 0x30, 0],
  ]);
  return Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, kinds.length, ...entries);
}

type Planted = readonly [path: string, text: string | Uint8Array];

interface Case {
  readonly finds: readonly Planted[];
  readonly passes: readonly Planted[];
}

const cases: Readonly<Record<string, Case>> = {
  'private-key': {
    finds: [
      ['k.pem', pem],
      ['k.pem', rsa],
      ['id', `${begin('OPENSSH ')}\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU${body(4)}\n`],
      ['k.asc', `${begin('PGP ').replace('KEY', 'KEY BLOCK')}\nVersion: 1\n\n${body(4)}\n`],
      ['app.yaml', `key: |\n  ${rsa.replaceAll('\n', '\n  ')}`],
      ['app.js', `const k = "${rsa.replaceAll('\n', '\\n')}";`],
      ['app', Buffer.concat([Buffer.from('\u007fELF\0\0'), Buffer.from(rsa)])],
      ['k.der', privateKey.export({ type: 'pkcs8', format: 'der' })],
      ['k.der', pkcs1.export({ type: 'pkcs8', format: 'der' })],
      ['k.json', JSON.stringify(privateKey.export({ format: 'jwk' }))],
      ['k.json', JSON.stringify(pkcs1.export({ format: 'jwk' }), null, 2)],
      ['a.env', `KEY=${btoa(rsa)}\n`],
      ['k.ps1', Buffer.from(`\ufeff${rsa}`, 'utf16le')],
      ['ta.key', `-----BEGIN ${'OpenVPN'} Static key V1-----\n${`${hex(32)}\n`.repeat(16)}`],
      ['k.ppk', `PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 8\n${body(3)}`],
    ],
    passes: [
      ['a.py', `if line == '${begin('RSA ')}':\n    return PemKey(line)\n`],
      ['doc.txt', `${begin('')}\n...\n-----END PRIVATE KEY-----\n`],
      ['doc.txt', `${begin('')}\n${'x'.repeat(64)}\n${'x'.repeat(64)}\n`],
      ['k.json', JSON.stringify(createPublicKey(pkcs1).export({ format: 'jwk' }))],
      ['k.der', Buffer.concat([pkcs1.export({ type: 'pkcs8', format: 'der' }), Buffer.from('and more')])],
      ['k.pub', `-----BEGIN PUBLIC KEY-----\n${body(3)}\n`],
    ],
  },
  'encrypted-private-key': {
    finds: [
      ['k.pem', encrypted],
      ['k.pem', `${begin('RSA ')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${body(4)}\n`],
      ['id', `${begin('OPENSSH ')}\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI${body(4)}\n`],
      ['k.ppk', `PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\nPrivate-Lines: 8\n${body(3)}`],
    ],
    passes: [['a.c', `"${begin('ENCRYPTED ')}" /* and so on */`]],
  },
  'gcp-service-account': {
    finds: [['gcp.json', JSON.stringify({ type: 'service_account', private_key: rsa }, null, 2)]],
    passes: [['gcp.json', '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\nKEY\\n"}']],
  },
  'key-store': {
    finds: [
      ['a.jks', javaStore(1)],
      ['a.jks', javaStore(2, 2, 1)],
      ['a.p12', Uint8Array.of(0x30, 0x82, 9, 9, 2, 1, 3, 0, 6, 11, 42, 134, 72, 134, 247, 13, 1, 12, 10, 1, 2, 0)],
    ],
    passes: [
      ['truststore.jks', javaStore(2, 2)],
      ['libcrypto.so', Uint8Array.of(0x7f, 0x45, 0, 6, 11, 42, 134, 72, 134, 247, 13, 1, 12, 10, 1, 2, 0)],
    ],
  },
  'aws-access-key': {
    finds: [['a', `id = AKIA${capitals(16)}\n`]],
    passes: [
      ['a', 'AKIAIOSFODNN7EXAMPLE'],
      ['a', `AKIA${'X'.repeat(16)}`],
      ['a', `xAKIA${capitals(16)}`],
      ['a', `AKIA${capitals(16)}a`],
      ['a', 'EURASIA_ASIA_PACIFIC_REGION'],
    ],
  },
  'google-api-key': { finds: [['a', `AIza${some(35)}`]], passes: [['a', `AIza${some(20)}`]] },
  'google-oauth-secret': { finds: [['a', `GOCSPX-${some(28)}`]], passes: [['a', 'GOCSPX-secret']] },
  'github-token': {
    finds: [
      ['a', `ghp_${some(36)}`],
      ['a', `token: github_pat_${some(82)}`],
    ],
    passes: [
      ['a', `ghp_${'x'.repeat(36)}`],
      ['a', 'ghs_config_option_of_a_very_long_name = 1'.slice(0, 30)],
    ],
  },
  'gitlab-token': { finds: [['a', `glpat-${some(20)}`]], passes: [['a', 'glpat-your-token']] },
  'slack-token': { finds: [['a', `xoxb-1${some(40)}`]], passes: [['a', 'xoxb-not-a-real-token-at-all']] },
  'slack-webhook': {
    finds: [['a', `https://hooks.slack.com/services/T${capitals(9)}/B${capitals(9)}/${some(24)}`]],
    passes: [['a', 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX']],
  },
  'discord-webhook': {
    finds: [['a', `https://discord.com/api/webhooks/123456987654321987/${some(68)}`]],
    passes: [['a', 'https://discord.com/api/webhooks/ID/TOKEN']],
  },
  'stripe-key': { finds: [['a', `sk_live_${some(24)}`]], passes: [['a', `sk_test_${some(24)}`]] },
  'sendgrid-key': { finds: [['a', `SG.${some(22)}.${some(43)}`]], passes: [['a', 'SG.MESSAGE.text']] },
  'npm-token': {
    finds: [['a', `npm_${some(36)}`]],
    passes: [['a', ['npm_config', 'registry', 'and', 'some', 'more', 'words'].join('_')]],
  },
  'pypi-token': { finds: [['a', `pypi-AgEIcHlwaS5vcmc${some(60)}`]], passes: [['a', 'pypi-AgEIcHlwaS5vcmc...']] },
  'rubygems-key': { finds: [['a', `rubygems_${hex(48)}`]], passes: [['a', 'rubygems_integration']] },
  'docker-hub-token': { finds: [['a', `dckr_pat_${some(27)}`]], passes: [['a', 'dckr_pat_token']] },
  'openai-key': { finds: [['a', `sk-proj-${some(48)}`]], passes: [['a', 'class="sk-proj-header"']] },
  'anthropic-key': { finds: [['a', `sk-ant-api03-${some(93)}`]], passes: [['a', 'sk-ant-api03-...']] },
  'huggingface-token': {
    finds: [['a', `hf_${some(80).replace(/\d/g, '').slice(0, 34)}`]],
    passes: [['a', 'hf_hub_download(repo)']],
  },
  'digitalocean-token': { finds: [['a', `dop_v1_${hex(64)}`]], passes: [['a', `dop_v1_${'0'.repeat(64)}`]] },
  'vault-token': { finds: [['a', `hvs.${some(95)}`]], passes: [['a', 'hvs.token']] },
  'databricks-token': { finds: [['a', `dapi${hex(32)}`]], passes: [['a', `dapi${hex(40)}`]] },
  'shopify-token': { finds: [['a', `shpat_${hex(32)}`]], passes: [['a', 'shpat_token']] },
  'grafana-token': { finds: [['a', `glsa_${some(32)}_${hex(8)}`]], passes: [['a', 'glsa_token']] },
  'tailscale-key': { finds: [['a', `tskey-auth-${some(12)}-${some(32)}`]], passes: [['a', 'tskey-auth-KEY']] },
  'age-secret-key': {
    finds: [['a', `AGE-SECRET-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}`]],
    passes: [['a', 'AGE-SECRET-KEY-1...']],
  },
  'azure-storage-key': {
    finds: [['a', `AccountName=x;AccountKey=${some(86)}==;`]],
    passes: [
      ['a', 'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='],
    ],
  },
  'azure-shared-signature': {
    finds: [['a', `https://a.io/c?sv=2024&sig=${some(20)}%2F${some(22)}%3D`]],
    passes: [['a', '?sig=value&next=%3D']],
  },
  'telegram-token': { finds: [['a', `bot("1234567809:AA${some(33)}")`]], passes: [['a', `12:AA${some(33)}`]] },
  'azure-client-secret': {
    finds: [['a.py', `credential(tenant, client, "${some(3)}8Q~${some(34)}")`]],
    passes: [['a.py', `"8Q~${some(34)}"`]],
  },
  'twilio-token': {
    finds: [['a.py', `Client("AC${hex(32)}", "${hex(31)}7")`]],
    passes: [['a.py', `Client("AC${hex(32)}", token)`]],
  },
  'terraform-token': { finds: [['a', `${some(14)}.atlasv1.${some(67)}`]], passes: [['a', 'token.atlasv1.token']] },
  'openai-user-key': { finds: [['a', `sk-${some(20)}T3BlbkFJ${some(20)}`]], passes: [['a', `${some(20)}T3BlbkFJ`]] },
  'service-token': {
    finds: [
      ['a', `lin_api_${some(40)}`],
      ['a', `PMAK-${hex(24)}-${hex(34)}`],
    ],
    passes: [['a', 'ntn_a_rather_long_name_of_something']],
  },
  'registry-login': {
    finds: [['root/.docker/config.json', `{"auths": {"r.io": {"auth": "${btoa('web:hYt7-qq')}"}}}`]],
    passes: [
      ['a.json', `{"auth": "${btoa('no colon in it')}"}`],
      ['a.json', `{"auth": "${btoa('user:password')}"}`],
      ['a.js', 'x = {"auth": "required12"}'],
    ],
  },
  'netrc-password': {
    finds: [
      ['root/.netrc', 'machine a.org\nlogin web\npassword hYt7qq\n'],
      ['etc/apt/auth.conf.d/a.conf', 'machine a.org login web password hYt7qq'],
    ],
    passes: [
      ['root/.netrc', `machine a.org login web password \${WORD}`],
      ['usr/share/doc/x', 'machine a.org login web password hYt7qq'],
    ],
  },
  'pgpass-password': {
    finds: [['root/.pgpass', '# mine\ndb.a.org:5432:*:web:hYt7qq\n']],
    passes: [
      ['root/.pgpass', '#hostname:port:database:username:password\n'],
      ['etc/passwd', 'a:1:x:y:z\n'],
    ],
  },
  'password-hash': {
    finds: [['etc/nginx/.htpasswd', `web:$apr1$r31tq2aa$${some(22)}\n`]],
    passes: [['usr/share/doc/a', `web:$apr1$r31tq2aa$${some(22)}\n`]],
  },
  'npmrc-login': {
    finds: [
      ['root/.npmrc', assigned('//r.a.org/:_authToken', 'hYt7qq-22')],
      ['root/.npmrc', '_auth = d2ViOmhZdDctcXE=\n'],
    ],
    passes: [['root/.npmrc', assigned('//r.a.org/:_authToken', `\${NPM_TOKEN}`)]],
  },
  'redis-password': {
    finds: [['etc/redis/redis.conf', 'requirepass letmein\n']],
    passes: [['etc/redis/redis.conf', '# requirepass foobared\n']],
  },
  'mounted-secret': {
    finds: [
      ['run/secrets/db', 'letmein\n'],
      ['app/config/master.key', hex(32)],
    ],
    passes: [['run/secrets/readme', 'Secrets are mounted here.\n']],
  },
  'authorization-header': {
    finds: [['a.js', `headers: { Authorization: 'Bearer ${some(40)}' }`]],
    passes: [['a.js', 'headers: { Authorization: "Bearer theTokenOfTheUser" }']],
  },
  'kubernetes-key': {
    finds: [['root/.kube/config', `    client-key-data: ${some(200)}\n`]],
    passes: [['root/.kube/config', '    client-key-data: REDACTED\n']],
  },
  'password-argument': {
    finds: [
      ['root/.bash_history', 'mysql --password=hYt7qq db\n'],
      ['root/.bash_history', 'sshpass -p hYt7qq ssh a\n'],
      ['root/.ash_history', 'curl -s -u web:hYt7qq https://a.org\n'],
    ],
    passes: [
      ['root/.bash_history', 'mysql --password=$WORD db\nmysql --password -h a\ncurl -u web https://a.org\n'],
      ['usr/bin/tool', 'echo --password=hYt7qq'],
    ],
  },
  'url-password': {
    finds: [
      ['app.py', 'x = "https://deploy:hYt7-qq9Z@git.a.org/x"'],
      ['root/.git-credentials', 'https://web:letmein@git.a.org\n'],
      ['etc/apt/sources.list.d/a.list', 'deb https://web:letmein@apt.a.org/ x main\n'],
    ],
    passes: [
      ['app.py', 'x = "https://user:password@git.a.org/x"'],
      ['app.py', 'x = "https://web:letmein@git.a.org/x"'],
      ['app.py', 'x = "https://web:hYt7-qq9Z@example.com/x"'],
      ['app.py', 'x = f"https://{user}:{word}@{host}/x" # http://a.org:8080/@x'],
      ['root/.git-credentials', `https://web:\${WORD}@git.a.org\n`],
    ],
  },
  'json-web-token': {
    finds: [['a', `Bearer ${btoa('{"alg":"RS256"}')}.${btoa('{"iss":"me","k":"9"}')}.${some(86)}`.replaceAll('=', '')]],
    passes: [
      [
        'a',
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.SflKxwRJSMeKKF2QT4fw',
      ],
      ['a', btoa('{"alg":"RS256"}')],
      ['a', `${btoa('{"alg":"RS256"}')}.${btoa('{"some":"payload"}')}.${some(43)}`.replaceAll('=', '')],
    ],
  },
  'aws-secret-key': {
    finds: [
      ['a.py', `aws_secret_access_key = "${some(40)}"`],
      ['root/.aws/credentials', `aws_secret_access_key=${some(40)}\n`],
    ],
    passes: [['a.py', 'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"']],
  },
  'password-assigned': {
    finds: [
      ['app/.env', 'DB_PASSWORD=letmein\n'],
      ['app/settings.py', `API_KEY = '${some(32)}'\n`],
      ['app/settings.json', `{"clientSecret": "${some(32)}"}`],
      ['etc/app.conf', `auth_token: ${some(32)}\n`],
      ['app/a.js', `const secretKey = "${hex(40)}"`],
      ['app/config.json', `{"api_key": "${'hmy48orck96o0r0zr5gil9b3c5nz8vpg'.slice(0, 32)}"}`],
      ['root/.pypirc', 'password = letmein\n'],
      ['root/.pypirc', 'password = Pa$$w0rd\n'],
      ['app/application.properties', 'spring.datasource.password=letmein\n'],
      ['app/config/database.yml', 'production:\n  password: letmein\n'],
      ['app/config/secrets.yml', `production:\n  secret_key_base: ${hex(128)}\n`],
      ['app/settings.py', `DATABASES = {'default': {'PASSWORD': 'letmein'}}\n`],
      ['app/settings.py', `SECRET_KEY = 'k3(v_8e!x&q#0^z2r)w5t=y7u+i9o-p1@s4d6f$g*h'\n`],
      ['var/www/wp-config.php', `define( 'DB_PASSWORD', 'letmein' );\n`],
      ['docker-compose.yml', '      - POSTGRES_PASSWORD=letmein\n'],
      ['main.tfvars', 'db_password = "letmein"\n'],
      ['a.yaml', 'kind: Secret\nstringData:\n  password: letmein\n'],
      ['appsettings.json', '{"Default": "Server=db;Database=a;User Id=sa;Password=letmein9;"}'],
      ['root/.m2/settings.xml', '<server><password>letmein</password></server>'],
      ['a.xml', `<property name="password" value="${some(20)}"/>`],
      ['a.sh', `export DB_PASSWORD=${some(20)}`],
      ['a.ps1', Buffer.from(`\ufeff$password = "${some(20)}"\r\n`, 'utf16le')],
      ['a.ps1', Buffer.from(`\ufeff$password = "${some(20)}"\r\n`, 'utf16le').swap16()],
    ],
    passes: [
      ['app/.env', `DB_PASSWORD=\nA_SECRET=\${X}\nTOKEN_FILE=/run/secrets/t\nPASSWORD=changeme\nTOKEN_TTL=36000\n`],
      ['app/.env.example', 'DB_PASSWORD=letmein\n'],
      ['app/a.py', 'password = get_password(config)\ntoken = tokens[1234567890]\nif token == "a": pass\n'],
      ['app/a.py', 'password = "correct horse"\nsecret: str = "x"\ntoken_type = "bearer"\n'],
      ['app/a.py', 'PASSWORD = "my-very-long-secret-password-2024"'],
      ['app/a.py', `token = ${some(32)}`],
      ['app/a.js', 'secretKey = "sha256withrsa2048and3072bits1"; token = "node20linux64release2026november"'],
      ['app/application.yml', '#  password: letmein\npassword: password\ntoken: letmein\n'],
      ['usr/local/go/src/crypto/testdata/a.json', `{"shared_secret": "${hex(64)}"}`],
      ['app/a_test.go', `Secret: "${hex(64)}"`],
      ['app/node_modules/x/config.json', '{"password": "letmein"}'],
      ['a.json', `{"NextContinuationToken": "${some(40)}", "nextToken": "${some(30)}"}`],
      ['etc/app.conf', 'token_lifetime = 3600\n# password = YOUR_PASSWORD_HERE_12345\n'],
      ['app/a.json', `{"token": "0d1b7c9e-5f3a-4b8e-9c2d-7a6f5e4d3c2b", "integrity": "sha512-${some(86)}=="}`],
    ],
  },
};

function scan([path, text]: Planted): readonly string[] {
  const scanner = new SecretScanner();
  scanner.begin(path);
  scanner.data(typeof text === 'string' ? Buffer.from(text) : text);
  return scanner.end().map(({ rule }) => rule);
}

test('each rule has its cases, and no case is of another rule', () => {
  assert.deepEqual(Object.keys(cases).sort(), secretRules.map(({ id }) => id).sort());
});

for (const { id } of secretRules) {
  test(`${id}: found where it is, and not where it only looks so`, () => {
    for (const planted of cases[id]?.finds ?? [])
      assert.ok(scan(planted).includes(id), `not found: ${planted.join(': ')}`);
    for (const planted of cases[id]?.passes ?? []) assert.deepEqual(scan(planted), [], `found: ${planted.join(': ')}`);
  });
}
