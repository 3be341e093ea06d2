import type { RuntimeConfig } from '../oci/documents.ts';
import { compareStrings } from '../util/text.ts';
import { healthcheckCommand } from './dockerfile-settings.ts';
import type { Shown } from './shown.ts';

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
  /** What the shell form of instructions is run by; [] where nothing is said. Docker's own member, which no OCI image has. */
  readonly shell: readonly string[];
  /** As HEALTHCHECK has it. */
  readonly healthcheck: string | undefined;
  /** Instructions for images that are built on this one, which no OCI image has. */
  readonly onbuild: readonly string[];
  /** Values that were struck out. */
  readonly redacted: number;
}

export function reportSettings(config: RuntimeConfig | undefined, shown: Shown): SettingsReport {
  const { User = '', Entrypoint = [], Cmd = [], Env = [], WorkingDir = '', Labels = {}, StopSignal } = config ?? {};
  const names = Object.keys(Labels).sort(compareStrings);
  const env = Env.map(shown.assignment);
  const labels = names.map((name) => [name, shown.value(name, Labels[name] ?? '')] as const);
  const healthcheck = shown.text(healthcheckCommand(config?.Healthcheck));
  return {
    user: User,
    entrypoint: Entrypoint.map(shown.text),
    cmd: Cmd.map(shown.text),
    env,
    workdir: WorkingDir,
    ports: keysOf(config?.ExposedPorts),
    volumes: keysOf(config?.Volumes),
    labels: Object.fromEntries(labels),
    stopSignal: StopSignal,
    shell: dockersOwn(config, 'Shell').map(shown.text),
    healthcheck: healthcheck === '' ? undefined : healthcheck,
    onbuild: dockersOwn(config, 'OnBuild').map(shown.text),
    redacted:
      env.filter((text, at) => text !== Env[at]).length +
      labels.filter(([name, value]) => value !== Labels[name]).length,
  };
}

/** Docker's own members, which the image-spec has not. */
function dockersOwn(config: RuntimeConfig | undefined, member: 'OnBuild' | 'Shell'): readonly string[] {
  const value = ((config ?? {}) as Readonly<Record<string, unknown>>)[member];
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function keysOf(record: Readonly<Record<string, object>> | undefined): readonly string[] {
  return Object.keys(record ?? {}).sort(compareStrings);
}
