import { SlimimageError } from '../errors.ts';

/** OCI image-spec, image-index.md, "platform". Normalised by this module: no variant where it is the default. */
export interface Platform {
  readonly os: string;
  /** GOARCH: `amd64`, `arm64`, `arm`, `386`, `ppc64le`, ... */
  readonly architecture: string;
  /** `v5`, `v6`, `v7` for arm; undefined for every other architecture's default. */
  readonly variant?: string | undefined;
  readonly 'os.version'?: string | undefined;
  readonly 'os.features'?: readonly string[] | undefined;
}

/** Other names of architectures, as uname, Debian and users write them. */
const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v5'],
  i386: ['386'],
  i486: ['386'],
  i586: ['386'],
  i686: ['386'],
  ppc64el: ['ppc64le'],
  mips64el: ['mips64le'],
};

/** The variant that is meant where none is written. Docker and containerd write it in some places and not in others. */
const defaultVariants: Readonly<Record<string, string>> = { arm64: 'v8', amd64: 'v1', arm: 'v7' };

/**
 * Reads `OS/ARCHITECTURE[/VARIANT]`, or an architecture alone (Linux is meant): `linux/arm64/v8`, `linux/arm/v7`, `amd64`.
 * @throws SlimimageError USAGE
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  if (parts.length === 1) parts.unshift('linux');
  const [os, architecture, variant] = parts;
  const valid = parts.length <= 3 && parts.every((part) => /^[a-z0-9_][a-z0-9_.-]{0,63}$/.test(part));
  if (!valid || os === undefined || architecture === undefined) {
    throw new SlimimageError({
      code: 'USAGE',
      message: `"${text.slice(0, 100)}" is not a platform`,
      hint: 'Write OS/ARCHITECTURE[/VARIANT], for example linux/amd64, linux/arm64 or linux/arm/v7.',
    });
  }
  return normalizePlatform({ os, architecture, variant });
}

/** `linux/arm64`, `linux/arm/v7`: the form that `parsePlatform` reads, the same for equal platforms. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform);
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** One form for each platform: aliases replaced, `arm` with its variant, no variant where only one is usual. */
export function normalizePlatform(platform: Platform): Platform {
  const alias = Object.hasOwn(aliases, platform.architecture) ? aliases[platform.architecture] : undefined;
  const architecture = alias?.[0] ?? platform.architecture;
  const written = platform.variant === '' ? undefined : platform.variant;
  const variant = usualVariant(architecture, written ?? alias?.[1]);
  const { 'os.version': version, 'os.features': features } = platform;
  return {
    os: platform.os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(features === undefined ? {} : { 'os.features': features }),
  };
}

export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}

/**
 * The item whose platform is `wanted`; for arm also an older variant, newest first, because a v7 processor runs v6 code.
 */
export function selectPlatform<T extends { readonly platform?: Platform | undefined }>(
  items: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const candidate of acceptable(wanted)) {
    const found = items.find((item) => item.platform !== undefined && samePlatform(item.platform, candidate));
    if (found !== undefined) return found;
  }
  return undefined;
}

function acceptable(wanted: Platform): readonly Platform[] {
  const normal = normalizePlatform(wanted);
  if (normal.architecture !== 'arm') return [normal];
  const order = ['v8', 'v7', 'v6', 'v5'];
  const from = order.indexOf(normal.variant ?? 'v7');
  return from < 0 ? [normal] : order.slice(from).map((variant) => ({ ...normal, variant }));
}

function usualVariant(architecture: string, variant: string | undefined): string | undefined {
  const usual = Object.hasOwn(defaultVariants, architecture) ? defaultVariants[architecture] : undefined;
  // `arm` alone says too little: its variant is always written.
  if (architecture === 'arm') return variant === undefined ? usual : variant.replace(/^([5-8])$/, 'v$1');
  if (variant === undefined) return undefined;
  return variant === usual || `v${variant}` === usual ? undefined : variant;
}
