import { baseName } from '../rootfs/path.ts';
import type { CheckTree, Finding } from './types.ts';

/** A finding before anybody looked for its fix, or whether it is allowed. */
export function makeFinding(
  tree: CheckTree,
  finding: Omit<Finding, 'package' | 'fix' | 'allowed'> & { readonly fix?: string | undefined },
): Finding {
  return {
    type: finding.type,
    severity: finding.severity,
    path: absolute(finding.path),
    package: tree.packageOf(plain(finding.path)),
    missing: finding.missing,
    message: finding.message,
    chain: finding.chain,
    fix: finding.fix,
    allowed: undefined,
  };
}

/** `libcrypto.so.3 of libssl3t64` */
export function titleOf(tree: CheckTree, path: string): string {
  const name = tree.packageOf(plain(path));
  return name === undefined ? absolute(path) : `${baseName(path)} of ${name}`;
}

export function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function plain(path: string): string {
  return path.replace(/^\/+/, '');
}
