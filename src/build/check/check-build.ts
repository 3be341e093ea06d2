import type { CheckReport, CheckTree, Finding } from '../../check/types.ts';
import type { AllowSetting, ImageSpec } from '../../config/spec.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { runtimeConfig } from '../image.ts';
import { isRequested } from '../plan.ts';
import { reading, type Session } from '../session.ts';
import type { PlatformCheck } from '../types.ts';
import { allowFindings } from './allow.ts';
import { countFindings, countOthers, describeWarnings } from './describe.ts';
import { treeKey } from './tree-key.ts';
import type { PackageChoice } from './wanted-file.ts';

const namespace = 'check-1';

/** What the check of one platform found, and what it leaves to be told of all. */
export interface BuildCheck {
  readonly result: PlatformCheck;
  /** Entries of `allow:` that let nothing pass here; another platform may need them. */
  readonly unused: ReadonlySet<AllowSetting>;
}

export interface CheckSession extends Session {
  /** By which the image goes in the local store, for what is told of it. */
  readonly reference: string;
}

/**
 * The check before writing (contract.md). Warnings are told in one; what a build that changes nothing found is remembered.
 * @throws SlimimageError IMAGE_BROKEN with every error that `allow:` does not let pass
 */
export async function checkBuild(
  spec: ImageSpec,
  assembly: AssembledPlatform,
  session: CheckSession,
): Promise<BuildCheck> {
  return session.phase('check', async () => {
    const { memo } = session.store;
    const key = treeKey(spec, assembly);
    let report = decode(await memo.get(namespace, key));
    if (report === undefined) {
      report = await look(spec, assembly, session);
      await memo.set(namespace, key, report);
    }
    return judge(spec, { assembly, report, session });
  });
}

async function judge(
  spec: ImageSpec,
  {
    assembly,
    report,
    session,
  }: { readonly assembly: AssembledPlatform; readonly report: CheckReport; readonly session: CheckSession },
): Promise<BuildCheck> {
  const { findings, unused } = allowFindings(report.findings, spec.allow);
  const stopping = findings.filter(({ severity, allowed }) => severity === 'error' && allowed === undefined);
  if (stopping.length > 0) await refuse(stopping, assembly, session);
  const message = describeWarnings(findings);
  if (message !== undefined) {
    const cuts = await cutHint(findings, assembly);
    const hint = `${cuts}slimimage check store:${session.reference} lists them all${countOthers(findings)}.`;
    session.onEvent({ type: 'warning', message, hint });
  }
  return { result: countFindings({ ...report, findings }), unused: new Set(unused) };
}

/** Entries of `allow:` that let nothing pass on any platform: warnings. */
export function tellUnused(checks: readonly Pick<BuildCheck, 'unused'>[], { onEvent }: Pick<Session, 'onEvent'>): void {
  const [first, ...rest] = checks;
  for (const setting of first?.unused ?? []) {
    if (!rest.every(({ unused }) => unused.has(setting))) continue;
    onEvent({ type: 'warning', message: `allow: the check found nothing that misses ${setting.missing}` });
  }
}

/** Where pruning took what is missing: `perl-base was cut (dependencies: runtime): keep: [perl-base]. `; '' elsewhere. */
async function cutHint(findings: readonly Finding[], assembly: AssembledPlatform): Promise<string> {
  if (assembly.pruning.cuts.length === 0) return '';
  const { cutPackages } = await import('./cut-fixes.ts');
  const told = findings.filter(({ severity, allowed }) => severity === 'warning' && allowed === undefined);
  const names = cutPackages(await withCuts(told, assembly));
  if (names.length === 0) return '';
  return `${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} cut (dependencies: runtime): keep: [${names.join(', ')}]. `;
}

async function withCuts(findings: readonly Finding[], assembly: AssembledPlatform): Promise<readonly Finding[]> {
  if (assembly.pruning.cuts.length === 0) return findings;
  const { fixFromCuts } = await import('./cut-fixes.ts');
  return fixFromCuts(findings, assembly, await packageChoice(assembly));
}

async function packageChoice({ platform, contents }: AssembledPlatform): Promise<PackageChoice> {
  const { machineOf } = await import('../../check/machines.ts');
  return { machine: machineOf(platform), installed: new Set(contents.packages.keys()) };
}

async function refuse(findings: readonly Finding[], assembly: AssembledPlatform, session: Session): Promise<never> {
  const { resolved, platform } = assembly;
  const [{ findFixes }, { refuseBroken }] = await Promise.all([import('./fixes.ts'), import('./refuse.ts')]);
  const fixed = await findFixes(await withCuts(findings, assembly), {
    ...(await packageChoice(assembly)),
    archives: resolved.archives,
    architecture: resolved.architecture,
    context: session,
    remedy: 'add it to packages:',
  });
  throw refuseBroken(fixed, platform);
}

/** Loaded only where something has changed: a build that changes nothing has no time for it. */
async function look(spec: ImageSpec, assembly: AssembledPlatform, session: Session): Promise<CheckReport> {
  const [{ checkTree }, { machineOf }, { buildTree }, { checkSettings }] = await Promise.all([
    import('../../check/check-tree.ts'),
    import('../../check/machines.ts'),
    import('./build-tree.ts'),
    import('./settings.ts'),
  ]);
  const { base, resolved, assembled, contents, platform } = assembly;
  const tree = buildTree(assembly, await treeBelow(spec, assembly, session));
  const settings = checkSettings({
    tree,
    machine: machineOf(platform),
    config: runtimeConfig({ spec, user: assembled.effects.user.text, base }),
    requested: resolved.resolution.packages.filter(isRequested).map(({ record }) => record.name),
    records: [...(base?.installed ?? []), ...[...contents.packages.values()].map(({ record }) => record)],
    architecture: resolved.architecture,
  });
  return checkTree(tree, settings);
}

async function treeBelow(
  spec: ImageSpec,
  { base, platform }: AssembledPlatform,
  session: Session,
): Promise<CheckTree | undefined> {
  if (base === undefined || spec.on === undefined) return undefined;
  const [{ openImage }, { openImageTree }] = await Promise.all([
    import('../../image/open-image.ts'),
    import('./image-tree.ts'),
  ]);
  const image = await openImage(spec.on, { ...reading(session), platform, cwd: spec.directory });
  try {
    const { store, signal } = session;
    return (await openImageTree(image, { store, signal })).tree;
  } finally {
    await image.close();
  }
}

function decode(value: unknown): CheckReport | undefined {
  if (typeof value !== 'object' || value === null || !('findings' in value) || !('checked' in value)) return undefined;
  return Array.isArray(value.findings) ? (value as CheckReport) : undefined;
}
