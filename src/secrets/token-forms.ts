/** Tokens that begin as nothing else does. The first keyword of each pattern is shown, the rest is the secret. */
export interface TokenForm {
  readonly rule: string;
  readonly title: string;
  readonly keywords: readonly string[];
  /** What comes before the keyword, and is part of the token; undefined: nothing. */
  readonly before?: RegExp;
  /** What comes after the keyword. */
  readonly rest: RegExp;
  readonly looksFor: string;
  /** Bits a character; undefined: 3. */
  readonly entropy?: number;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const tokenForms: readonly TokenForm[] = [
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
    keywords: [...alphabet, '_', '-'].map((one) => `SG.${one}`),
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
  {
    rule: 'azure-shared-signature',
    title: 'a shared access signature of Azure',
    keywords: ['&sig=', '?sig='],
    before: /$/,
    rest: /^(?=[^%]{0,50}%)[0-9A-Za-z%]{43,70}%3[Dd](?![\w%])/,
    looksFor: '`sig=` in a URL and 32 bytes in base64',
    entropy: 3.5,
  },
  {
    rule: 'telegram-token',
    title: 'a token of a bot of Telegram',
    keywords: [...alphabet, '_', '-'].map((one) => `:AA${one}`),
    before: /(?<![\w.-])\d{8,10}$/,
    rest: /^[\w-]{32}(?![\w-])/,
    looksFor: '8 to 10 digits, `:AA` and 33 characters',
    entropy: 3.5,
  },
  {
    rule: 'azure-client-secret',
    title: 'a secret of a client of Azure',
    keywords: [...'0123456789'].flatMap((digit) => [...alphabet, '_', '.', '~', '-'].map((one) => `${digit}Q~${one}`)),
    before: /(?<![\w.~-])[\w.~-]{3}$/,
    rest: /^[\w.~-]{30,33}(?![\w.~-])/,
    looksFor: 'three characters, a digit, `Q~` and 31 to 34 characters',
    entropy: 3.5,
  },
  {
    rule: 'twilio-token',
    title: 'a token of Twilio',
    keywords: [...'0123456789abcdef'].flatMap((a) => [...'0123456789abcdef'].map((b) => `AC${a}${b}`)),
    rest: /^[0-9a-f]{30}["']?[,:] {0,4}["']?[0-9a-f]{32}/,
    looksFor: 'the id of an account (`AC` and 32 hexadecimal digits) and 32 hexadecimal digits after it',
  },
  {
    rule: 'terraform-token',
    title: 'a token of Terraform Cloud',
    keywords: ['.atlasv1.'],
    before: /(?<![\w.-])\w{14}$/,
    rest: /^[\w=-]{60,80}/,
    looksFor: '14 characters, `.atlasv1.` and at least 60 characters',
  },
  {
    rule: 'openai-user-key',
    title: 'a key of OpenAI of the earlier form',
    keywords: ['T3BlbkFJ'],
    before: /(?<![\w-])sk-\w{20}$/,
    rest: /^\w{20}(?!\w)/,
    looksFor: '`sk-`, 20 characters, `T3BlbkFJ` and 20 characters',
  },
  {
    rule: 'service-token',
    title: 'a token of a hosted service',
    keywords: [
      ...['lin_api_', 'PMAK-', 'NRAK-', 'sntrys_', 'sntryu_', 'ATATT3xFfGF0', 'dp.pt.', 'dp.st.', 'pscale_pw_'],
      ...['pscale_tkn_', 'figd_', 'ntn_', 'sq0csp-', 'sq0atp-', 'EAACEdEose0cBA'],
    ],
    rest: /^(?=[\w.=-]{0,60}?\d[\w.=-]{0,60}?\d)[\w=-]{24,300}/,
    looksFor:
      'what a token of Linear, Postman, New Relic, Sentry, Atlassian, Doppler, PlanetScale, Figma, Notion, Square or Facebook begins with, and at least 24 characters, digits among them',
    entropy: 3.5,
  },
];
