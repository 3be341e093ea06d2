import picomatch from 'picomatch';
import type { Finding } from '../../check/types.ts';
import type { AllowSetting } from '../../config/spec.ts';

/** Findings with the reasons of `allow:` that let them pass, and the entries that fit none. */
export function allowFindings(
  findings: readonly Finding[],
  allow: readonly AllowSetting[],
): { readonly findings: readonly Finding[]; readonly unused: readonly AllowSetting[] } {
  const used = new Set<AllowSetting>();
  const rules = allow.map((setting) => ({
    setting,
    isIn: setting.in === undefined ? () => true : picomatch(setting.in, { dot: true }),
  }));
  const allowed = findings.map((finding) => {
    const fitting = rules.filter(
      ({ setting, isIn }) => isMissing(finding, setting.missing) && isIn(finding.path.replace(/^\/+/, '')),
    );
    for (const { setting } of fitting) used.add(setting);
    const [first] = fitting;
    return first === undefined ? finding : { ...finding, allowed: first.setting.because };
  });
  return { findings: allowed, unused: allow.filter((setting) => !used.has(setting)) };
}

/** `libc.so.6 GLIBC_2.40` goes by its version alone too. */
function isMissing({ type, missing }: Finding, wanted: string): boolean {
  return missing === wanted || (type === 'symbol-version' && missing.endsWith(` ${wanted}`));
}
