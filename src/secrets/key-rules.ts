import { entropyOf } from './entropy.ts';
import { isKnownKey } from './known-keys.ts';
import type { Detector, FoundSecret, SecretRule, Window } from './types.ts';
import { charactersOf } from './window-text.ts';

export const keyRules: readonly SecretRule[] = [
  {
    id: 'private-key',
    title: 'a private key without a passphrase',
    level: 'error',
    looksFor:
      '`-----BEGIN ... PRIVATE KEY-----` (PEM, PKCS #8, OpenSSH, PGP) or `PuTTY-User-Key-File-`, and the key after it: at least 60 characters of base64, 3.5 bits a character. the same in base64, in DER or as a JSON Web Key; a static key of OpenVPN. Not the keys with which GnuTLS tests itself',
  },
  {
    id: 'encrypted-private-key',
    title: 'a private key that a passphrase protects',
    level: 'info',
    looksFor: 'the same, where the key says that it is encrypted',
  },
  {
    id: 'gcp-service-account',
    title: 'the key of a service account of Google Cloud',
    level: 'error',
    looksFor: '`"private_key":` and a private key',
  },
  {
    id: 'key-store',
    title: 'a key store (PKCS #12, JKS or JCEKS) with a private key',
    level: 'info',
    looksFor:
      'a file that begins as PKCS #12 and holds a bag of the kind pkcs8ShroudedKeyBag, or a key store of Java with an entry that is no certificate',
  },
];

export const keyDetectors: readonly Detector[] = [
  { keywords: ['PRIVATE KEY'], foldCase: false, inBinaries: true, find: findPem },
  { keywords: ['PuTTY-User-Key-File-'], foldCase: false, inBinaries: true, find: findPutty },
  { keywords: ['"kty"'], foldCase: false, find: findJsonWebKey },
  { keywords: ['LS0tLS1CRUdJTi'], foldCase: false, find: findEncodedPem },
  { keywords: ['OpenVPN Static key'], foldCase: false, find: findOpenVpn },
];

/** Base64 that a key has at least: an Ed25519 key in PKCS #8 has 64 characters. */
const leastKey = 60;

function findPem(window: Window, at: number): FoundSecret | undefined {
  const head = charactersOf(window, at - 32, at);
  const kind = /-----BEGIN ([A-Z0-9 ]{0,20})$/.exec(head)?.[1];
  const after = charactersOf(window, at + 'PRIVATE KEY'.length, at + 1500);
  const tail = /^(?: BLOCK)?-----/.exec(after)?.[0];
  if (kind === undefined || tail === undefined) return undefined;
  const key = keyOf(after.slice(tail.length));
  if (key === undefined || isKnownKey(key.base64)) return undefined;
  const start = at - '-----BEGIN '.length - kind.length;
  const shown = `-----BEGIN ${kind}PRIVATE KEY${tail}`;
  const end = at + 'PRIVATE KEY'.length + tail.length;
  const encrypted = kind.startsWith('ENCRYPTED') || key.headers.includes('ENCRYPTED') || isProtectedOpenSsh(key.base64);
  const named = /"private_key"\s{0,4}:\s{0,4}"$/.test(charactersOf(window, start - 24, start));
  const rule = named ? 'gcp-service-account' : encrypted ? 'encrypted-private-key' : 'private-key';
  return { rule, start, end, excerpt: shown };
}

/** What comes between `-----BEGIN ...-----` and the end of the key: as lines, or as the text of a program or of JSON. */
function keyOf(text: string): { readonly headers: string; readonly base64: string } | undefined {
  if (!/^[\s"'+,]{0,80}(?:\\[nr]|[A-Za-z0-9+/]{4})/.test(text)) return undefined;
  const plain = text.replace(/\\r|\r/g, '').replace(/\\n/g, '\n');
  const headers = /^(?:["'+,\s]*(?:Proc-Type|DEK-Info|Version|Comment|Hash): [^\n]{0,200}\n)*/.exec(plain)?.[0] ?? '';
  const base64 = /^[0-9A-Za-z+/=]*/.exec(plain.slice(headers.length).replace(/["',\s\\]|\+\s/g, ''))?.[0] ?? '';
  if (base64.length < leastKey) return undefined;
  const sample = base64.slice(0, 256);
  return entropyOf(sample) < 3.5 || /(.)\1{15}/.test(sample) ? undefined : { headers, base64 };
}

/** `openssh-key-v1`, then the name of the cipher: `none` where there is no passphrase (OpenSSH, PROTOCOL.key). */
function isProtectedOpenSsh(base64: string): boolean {
  const magic = 'b3BlbnNzaC1rZXktdjEAAAAA';
  return base64.startsWith(magic) && !base64.startsWith(`${magic}BG5vbmU`);
}

function findPutty(window: Window, at: number): FoundSecret | undefined {
  const text = charactersOf(window, at, at + 4000);
  const [head, version] = /^PuTTY-User-Key-File-(\d): /.exec(text) ?? [];
  const key = /\nPrivate-Lines: \d{1,4}\r?\n[0-9A-Za-z+/=]{32}/.test(text);
  if (head === undefined || !key) return undefined;
  const rule = /\nEncryption: none\r?\n/.test(text) ? 'private-key' : 'encrypted-private-key';
  return { rule, start: at, end: at + head.length, excerpt: `PuTTY-User-Key-File-${version}` };
}

/** RFC 7517: `d` is the private part, of RSA as of curves. */
function findJsonWebKey(window: Window, at: number): FoundSecret | undefined {
  const before = charactersOf(window, at - 400, at);
  const start = at - before.length + before.lastIndexOf('{') + 1;
  const [text = ''] = /^[^{}]*/.exec(charactersOf(window, start, start + 4000)) ?? [];
  const [whole = '', key = ''] = /"d"\s{0,4}:\s{0,4}"([\w-]{40,})/.exec(text) ?? [];
  if (key === '' || entropyOf(key.slice(0, 256)) < 3.5) return undefined;
  const end = start + text.indexOf(whole) + whole.length;
  return { rule: 'private-key', start: end - key.length, end, excerpt: '"kty", "d": ****' };
}

/** Base64 of `-----BEGIN ... PRIVATE KEY-----`. Kubernetes' own have a rule of theirs. */
function findEncodedPem(window: Window, at: number): FoundSecret | undefined {
  if (charactersOf(window, at - 24, at).includes('client-key-data')) return undefined;
  const [base64 = ''] = /^(?:[0-9A-Za-z+/]{4}){30,}/.exec(charactersOf(window, at, at + 400)) ?? [];
  if (base64 === '' || !/^-----BEGIN (?!ENCRYPTED)[A-Z0-9 ]{0,20}PRIVATE KEY/.test(atob(base64))) return undefined;
  return { rule: 'private-key', start: at, end: at + base64.length, excerpt: 'LS0tLS1CRUdJTi****' };
}

function findOpenVpn(window: Window, at: number): FoundSecret | undefined {
  const pattern = /^OpenVPN Static key V1-----\s{1,2}(?:[0-9a-f]{32}\s{1,2}){8}/;
  if (charactersOf(window, at - 11, at) !== '-----BEGIN ') return undefined;
  const [whole = ''] = pattern.exec(charactersOf(window, at, at + 400)) ?? [];
  const end = at + whole.length;
  return whole === '' ? undefined : { rule: 'private-key', start: at, end, excerpt: 'OpenVPN Static key V1' };
}
