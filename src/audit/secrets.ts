import type { RootfsNode } from '../rootfs/rootfs.ts';
import { secretRules } from '../secrets/rules.ts';
import { scanText } from '../secrets/scan-text.ts';
import { packagesByLayer } from '../view/packages-by-layer.ts';
import type { SecretHit } from '../view/types.ts';
import type { AuditRuleId } from './rules.ts';
import { type AuditScene, placeOf, type RawFinding } from './scene.ts';

/** Secrets in files, those of the final tree and those that a later layer hides, in the environment, labels and history. */
export function* secrets(scene: AuditScene): Generator<RawFinding> {
  yield* inFiles(scene);
  yield* inConfig(scene);
}

/** Of npm, pip, RubyGems, Go, Cargo and Maven, and what the tests of Go's own packages read: golang images have them. */
const module =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|go\/pkg\/mod|local\/go\/src|\.?cargo\/registry|\.m2\/repository)\//;

const rules = new Map(secretRules.map((rule) => [rule.id, rule]));

function* inFiles(scene: AuditScene): Generator<RawFinding> {
  const { view, files } = scene;
  const visible = new Set<string>();
  for (const { node } of files) {
    if (node.entry.type !== 'file') continue;
    const hits = view.secrets(node);
    if (hits.length === 0) continue;
    visible.add(keyOf(node.origin));
    // What a package ships is in every archive: test keys, examples.
    if (scene.shipped.hasContent(node)) continue;
    const where = `/${node.entry.path}`;
    for (const hit of hits) {
      const finding = findingOf(hit, { rule: ruleFor(hit), where });
      yield { ...finding, level: finding.level ?? levelAt(node.entry.path), ...placeOf(scene, node), line: hit.line };
    }
  }
  let owners: ReadonlyMap<string, number> | undefined;
  for (const [layer, { entries }] of view.layers.entries()) {
    for (const [index, entry] of entries.entries()) {
      if (entry.type !== 'file') continue;
      const origin = { layer, index };
      const hits = view.secrets({ origin });
      if (hits.length === 0 || visible.has(keyOf(origin))) continue;
      owners ??= packagedPaths(scene);
      if (layer <= (owners.get(entry.path) ?? -1)) continue;
      for (const hit of hits) {
        const path = `/${entry.path}`;
        const where = `${path}, which a later layer hides,`;
        const finding = findingOf(hit, { rule: 'deleted-secret', where });
        yield { ...finding, level: finding.level ?? levelAt(entry.path), path, line: hit.line, layer };
      }
    }
  }
}

/** Modules are most probably as they were published, and then their secrets are, too. */
function levelAt(path: string): 'warning' | undefined {
  return module.test(path) ? 'warning' : undefined;
}

function keyOf({ layer, index }: RootfsNode['origin']): string {
  return `${layer} ${index}`;
}

function ruleFor({ rule }: SecretHit): AuditRuleId {
  return privateKeys.has(rule) ? 'private-key' : 'secret-in-file';
}

const privateKeys = new Set([
  ...['private-key', 'encrypted-private-key', 'gcp-service-account', 'key-store', 'kubernetes-key', 'age-secret-key'],
]);

function findingOf(
  hit: SecretHit,
  { rule, where }: { readonly rule: AuditRuleId; readonly where: string },
): Pick<RawFinding, 'rule' | 'level' | 'message'> {
  const known = rules.get(hit.rule);
  // What another secret protects is worth knowing.
  const level = known?.level === 'info' ? ('info' as const) : undefined;
  return { rule, level, message: `${where} holds ${known?.title ?? hit.rule}: ${hit.excerpt}` };
}

/** Path -> the topmost layer that installed a package with it; for files that are no longer in the tree. */
function packagedPaths({ view }: AuditScene): ReadonlyMap<string, number> {
  const paths = new Map<string, number>();
  const seen = new Set<string>();
  for (const { layer, packages } of packagesByLayer(view)) {
    for (const { name, version, architecture, files, conffiles } of packages) {
      const key = `${name} ${version} ${architecture}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const own = new Set(conffiles);
      for (const path of files) if (!own.has(path)) paths.set(path, layer);
    }
  }
  return paths;
}

function* inConfig({ view }: AuditScene): Generator<RawFinding> {
  const { config, history = [] } = view.config ?? {};
  for (const line of config?.Env ?? []) {
    const subject = line.split('=', 1)[0] ?? '';
    const where = `the variable ${subject}`;
    for (const hit of scanText(line, { where: 'env' }))
      yield { ...findingOf(hit, { rule: 'secret-in-env', where }), subject };
  }
  for (const [subject, value] of Object.entries(config?.Labels ?? {})) {
    const where = `the label ${subject}`;
    for (const hit of scanText(`${subject}=${value}`, { where: 'label' }))
      yield { ...findingOf(hit, { rule: 'secret-in-label', where }), subject };
  }
  for (const [index, { created_by: command = '' }] of history.entries()) {
    for (const hit of scanText(command, { where: 'history' })) {
      const where = `step ${index + 1} of the history`;
      yield findingOf(hit, { rule: 'secret-in-history', where });
    }
  }
}
