import { entropyOf } from './entropy.ts';
import type { Detector, SecretRule, Window } from './types.ts';
import { charactersOf, isWordByte, nameBefore } from './window-text.ts';

/** Tokens that begin as nothing else does. The first keyword of each pattern is shown, the rest is the secret. */
interface TokenForm {
  readonly rule: string;
  readonly title: string;
  readonly keywords: readonly string[];
  /** What comes after the keyword. */
  readonly rest: RegExp;
  readonly looksFor: string;
  /** Bits a character; undefined: 3. */
  readonly entropy?: number;
}

const forms: readonly TokenForm[] = [
  {
    rule: 'aws-access-key',
    title: 'an access key of AWS',
    keywords: ['AKIA', 'ASIA'],
    rest: /^[A-Z2-7]{16}/,
    looksFor: '`AKIA` or `ASIA` and 16 capitals and digits',
  },
  {
    rule: 'google-api-key',
    title: 'an API key of Google',
    keywords: ['AIza'],
    rest: /^[\w-]{35}/,
    looksFor: '`AIza` and 35 characters',
    entropy: 3.5,
  },
  {
    rule: 'google-oauth-secret',
    title: 'a client secret of Google',
    keywords: ['GOCSPX-'],
    rest: /^[\w-]{28}/,
    looksFor: '`GOCSPX-` and 28 characters',
  },
  {
    rule: 'github-token',
    title: 'a token of GitHub',
    keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    rest: /^\w{36,251}/,
    looksFor: '`ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_` or `github_pat_` and at least 36 characters',
  },
  {
    rule: 'gitlab-token',
    title: 'a token of GitLab',
    keywords: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glsoat-'],
    rest: /^[\w.-]{20,300}/,
    looksFor: '`glpat-`, `gldt-`, `glrt-`, `glcbt-`, `glptt-` or `glsoat-` and at least 20 characters',
  },
  {
    rule: 'slack-token',
    title: 'a token of Slack',
    keywords: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xapp-'],
    rest: /^\d[\w-]{18,250}/,
    looksFor: '`xoxb-`, `xoxp-`, ..., `xapp-`, a digit and at least 18 characters',
  },
  {
    rule: 'slack-webhook',
    title: 'the address of a webhook of Slack',
    keywords: ['hooks.slack.com/services/'],
    rest: /^T\w{8,12}\/B\w{8,12}\/\w{20,28}/,
    looksFor: '`hooks.slack.com/services/T.../B.../...`',
  },
  {
    rule: 'discord-webhook',
    title: 'the address of a webhook of Discord',
    keywords: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    rest: /^\d{17,20}\/[\w-]{60,80}/,
    looksFor: '`discord.com/api/webhooks/`, a number and at least 60 characters',
  },
  {
    rule: 'stripe-key',
    title: 'a live key of Stripe',
    keywords: ['sk_live_', 'rk_live_'],
    rest: /^[0-9A-Za-z]{16,250}/,
    looksFor: '`sk_live_` or `rk_live_` and at least 16 characters',
  },
  {
    rule: 'sendgrid-key',
    title: 'a key of SendGrid',
    keywords: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'].map((one) => `SG.${one}`),
    rest: /^[\w-]{21}\.[\w-]{43}/,
    looksFor: '`SG.`, 22 characters, a dot and 43 characters',
  },
  {
    rule: 'npm-token',
    title: 'a token of npm',
    keywords: ['npm_'],
    rest: /^[0-9A-Za-z]{36}/,
    looksFor: '`npm_` and 36 characters; in a `.npmrc`, what stands after `_authToken`, `_auth` or `_password`',
    entropy: 3.5,
  },
  {
    rule: 'pypi-token',
    title: 'a token of PyPI',
    keywords: ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'],
    rest: /^[\w-]{50,1000}/,
    looksFor: '`pypi-AgEIcHlwaS5vcmc` and at least 50 characters',
  },
  {
    rule: 'rubygems-key',
    title: 'a key of RubyGems',
    keywords: ['rubygems_'],
    rest: /^[0-9a-f]{48}/,
    looksFor: '`rubygems_` and 48 hexadecimal digits',
  },
  {
    rule: 'docker-hub-token',
    title: 'a token of Docker Hub',
    keywords: ['dckr_pat_', 'dckr_oat_'],
    rest: /^[\w-]{27,40}/,
    looksFor: '`dckr_pat_` or `dckr_oat_` and at least 27 characters',
  },
  {
    rule: 'openai-key',
    title: 'a key of OpenAI',
    keywords: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    rest: /^[\w-]{40,250}/,
    looksFor: '`sk-proj-`, `sk-svcacct-` or `sk-admin-` and at least 40 characters',
    entropy: 3.5,
  },
  {
    rule: 'anthropic-key',
    title: 'a key of Anthropic',
    keywords: ['sk-ant-'],
    rest: /^(?:api|admin)\d\d-[\w-]{80,120}/,
    looksFor: '`sk-ant-api..-` or `sk-ant-admin..-` and at least 80 characters',
  },
  {
    rule: 'huggingface-token',
    title: 'a token of Hugging Face',
    keywords: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'].map((one) => `hf_${one}`),
    rest: /^[A-Za-z]{33}/,
    looksFor: '`hf_` and 34 letters',
    entropy: 3.5,
  },
  {
    rule: 'digitalocean-token',
    title: 'a token of DigitalOcean',
    keywords: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    rest: /^[0-9a-f]{64}/,
    looksFor: '`dop_v1_`, `doo_v1_` or `dor_v1_` and 64 hexadecimal digits',
  },
  {
    rule: 'vault-token',
    title: 'a token of HashiCorp Vault',
    keywords: ['hvs.', 'hvb.'],
    rest: /^[\w-]{90,300}/,
    looksFor: '`hvs.` or `hvb.` and at least 90 characters',
  },
  {
    rule: 'databricks-token',
    title: 'a token of Databricks',
    keywords: ['dapi'],
    rest: /^[0-9a-f]{32}/,
    looksFor: '`dapi` and 32 hexadecimal digits',
  },
  {
    rule: 'shopify-token',
    title: 'a token of Shopify',
    keywords: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    rest: /^[0-9a-fA-F]{32}/,
    looksFor: '`shpat_`, `shpca_`, `shppa_` or `shpss_` and 32 hexadecimal digits',
  },
  {
    rule: 'grafana-token',
    title: 'a token of Grafana',
    keywords: ['glsa_', 'glc_eyJ'],
    rest: /^[\w=+/]{32,400}/,
    looksFor: '`glsa_` or `glc_` and at least 32 characters',
  },
  {
    rule: 'tailscale-key',
    title: 'a key of Tailscale',
    keywords: ['tskey-auth-', 'tskey-api-', 'tskey-client-'],
    rest: /^[0-9A-Za-z]{8,24}-[0-9A-Za-z]{20,48}/,
    looksFor: '`tskey-auth-`, `tskey-api-` or `tskey-client-` and a key',
  },
  {
    rule: 'age-secret-key',
    title: 'a secret key of age',
    keywords: ['AGE-SECRET-KEY-1'],
    rest: /^[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/,
    looksFor: '`AGE-SECRET-KEY-1` and 58 characters',
  },
  {
    rule: 'azure-storage-key',
    title: 'a key of Azure Storage',
    keywords: ['AccountKey=', 'SharedAccessKey='],
    rest: /^[0-9A-Za-z+/]{43,86}={1,2}/,
    looksFor: '`AccountKey=` or `SharedAccessKey=` and a key in base64',
  },
];

export const tokenRules: readonly SecretRule[] = forms.map(({ rule, title, looksFor, entropy }) => ({
  id: rule,
  title,
  level: 'error',
  looksFor: `${looksFor}; at least ${entropy ?? 3} bits a character`,
}));

export const tokenDetectors: readonly Detector[] = forms.flatMap((form) =>
  form.keywords.map((keyword) => ({
    keywords: [keyword],
    foldCase: false,
    find: (window: Window, at: number) => {
      // Inside a longer run it is no token, but part of encoded bytes.
      if (isWordByte(window.bytes[at - 1]) && at > 0) return undefined;
      const start = at + keyword.length;
      const text = charactersOf(window, start, start + 1001);
      const [body] = form.rest.exec(text) ?? [];
      if (body === undefined || isBase64(text.charCodeAt(body.length))) return undefined;
      if (wellKnown.some((part) => body.includes(part)) || isRow(body)) return undefined;
      if (entropyOf(body) < (form.entropy ?? 3)) return undefined;
      const end = start + body.length;
      return { rule: form.rule, start: at, end, excerpt: `${nameBefore(window, at)}${keyword}****` };
    },
  })),
);

/** Of AWS's manuals, and the key of the emulator that everybody has. */
const wellKnown = ['EXAMPLE', 'Example', 'example', 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq'];

/** Tokens of random characters may hold any short word: only what no token is counts. */
function isRow(body: string): boolean {
  return /(.)\1{5}|x{4}|X{4}|abcdefgh|ABCDEFGH|12345678|01234567/.test(body);
}

function isBase64(code: number): boolean {
  return isWordByte(Number.isNaN(code) ? undefined : code) || code === 43 || code === 47;
}
