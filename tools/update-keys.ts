/**
 * Writes the armored keys of keys/ from Debian's own keyring packages:
 *
 *   node tools/update-keys.ts debian-archive-keyring_VERSION_all.deb ubuntu-keyring_VERSION_all.deb
 *
 * Get the two packages with `apt-get download` on a machine whose apt verified them; needs dpkg-deb.
 * Prints the fingerprints for keys/README.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKey, readKeys } from 'openpgp';

/** Upstream's own armored files, copied as they are. */
const debianKeys = ['bookworm', 'trixie'].flatMap((codename) =>
  ['automatic', 'security-automatic', 'stable'].map((role) => `debian-archive-${codename}-${role}.asc`),
);

/** Ubuntu ships one binary keyring; only the key that signs jammy and noble is taken from it. */
const ubuntuKeys = { 'ubuntu-archive-2018.asc': 'f6ecb3762474eda9d21b7022871920d1991bc93c' };

const [debianDeb, ubuntuDeb] = process.argv.slice(2);
if (debianDeb === undefined || ubuntuDeb === undefined) {
  process.stderr.write('usage: node tools/update-keys.ts DEBIAN_ARCHIVE_KEYRING.deb UBUNTU_KEYRING.deb\n');
  process.exit(2);
}

const keys = new URL('../keys/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'slimimage-keys-'));
try {
  execFileSync('dpkg-deb', ['-x', debianDeb, folder]);
  execFileSync('dpkg-deb', ['-x', ubuntuDeb, folder]);
  for (const name of debianKeys) {
    await write(`debian/${name}`, readFileSync(join(folder, 'etc/apt/trusted.gpg.d', name), 'utf8'));
  }
  const ring = await readKeys({
    binaryKeys: readFileSync(join(folder, 'usr/share/keyrings/ubuntu-archive-keyring.gpg')),
  });
  for (const [name, fingerprint] of Object.entries(ubuntuKeys)) {
    const key = ring.find((candidate) => candidate.getFingerprint() === fingerprint);
    if (key === undefined) throw new Error(`${ubuntuDeb} holds no key ${fingerprint}`);
    await write(`ubuntu/${name}`, `${key.armor().replaceAll('\r\n', '\n').trimEnd()}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function write(path: string, armored: string): Promise<void> {
  writeFileSync(new URL(path, keys), armored);
  const key = await readKey({ armoredKey: armored });
  const subkeys = key.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase());
  process.stdout.write(
    `| ${path} | ${key.getFingerprint().toUpperCase()} | ${subkeys.join(' ') || '-'} | ${key.getUserIDs()[0]} |\n`,
  );
}
