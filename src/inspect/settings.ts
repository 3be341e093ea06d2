import type { RuntimeConfig } from '../oci/documents.ts';
import { compareStrings } from '../util/text.ts';
import { healthcheckCommand } from './dockerfile-settings.ts';
import { redactAssignment, redactText, redactValue, secretValues } from './redact.ts';

/** What the image tells the engine to do with it. */
export interface SettingsReport {
  /** '' where nothing is said: root. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value`; what looks like a secret is struck out: `NAME=****`. */
  readonly env: readonly string[];
  readonly workdir: string;
  /** `80/tcp` */
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string | undefined;
  /** As HEALTHCHECK has it. */
  readonly healthcheck: string | undefined;
  /** Instructions for images that are built on this one, which no OCI image has. */
  readonly onbuild: readonly string[];
  /** Values that were struck out. */
  readonly redacted: number;
}

export function reportSettings(
  config: RuntimeConfig | undefined,
  { showSecrets }: { readonly showSecrets: boolean },
): SettingsReport {
  const { User = '', Entrypoint = [], Cmd = [], Env = [], WorkingDir = '', Labels = {}, StopSignal } = config ?? {};
  const names = Object.keys(Labels).sort(compareStrings);
  const secrets = showSecrets ? [] : secretValues([...Env, ...names.map((name) => `${name}=${Labels[name]}`)]);
  const env = showSecrets ? Env : Env.map(redactAssignment);
  const labels = names.map(
    (name) => [name, showSecrets ? Labels[name] : redactValue(name, Labels[name] ?? '')] as const,
  );
  const healthcheck = redactText(healthcheckCommand(config?.Healthcheck), secrets);
  const hidden = (words: readonly string[]) => words.map((word) => (showSecrets ? word : redactText(word, secrets)));
  return {
    user: User,
    entrypoint: hidden(Entrypoint),
    cmd: hidden(Cmd),
    env,
    workdir: WorkingDir,
    ports: keysOf(config?.ExposedPorts),
    volumes: keysOf(config?.Volumes),
    labels: Object.fromEntries(labels.map(([name, value]) => [name, value ?? ''])),
    stopSignal: StopSignal,
    healthcheck: healthcheck === '' ? undefined : healthcheck,
    onbuild: onbuildOf(config).map((text) => (showSecrets ? text : redactText(text, secrets))),
    redacted:
      env.filter((text, at) => text !== Env[at]).length +
      labels.filter(([name, value]) => value !== Labels[name]).length,
  };
}

/** Docker's own member, which the image-spec has not. */
function onbuildOf(config: RuntimeConfig | undefined): readonly string[] {
  const { OnBuild } = (config ?? {}) as { readonly OnBuild?: unknown };
  return Array.isArray(OnBuild) ? OnBuild.filter((text) => typeof text === 'string') : [];
}

function keysOf(record: Readonly<Record<string, object>> | undefined): readonly string[] {
  return Object.keys(record ?? {}).sort(compareStrings);
}
