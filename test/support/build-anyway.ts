import { BrokenImageError, type BuildOptions, type BuildResult, buildImage, type ImageSpec } from '../../src/index.ts';

/** Builds packages that nobody would put together: whatever their scripts do, and whatever they lack. */
export async function buildAnyway(spec: ImageSpec, options: BuildOptions): Promise<BuildResult> {
  const names = spec.packages.map((text) => /([a-z0-9][a-z0-9.+-]*?)(?:\.deb|=.*)?$/.exec(text)?.[1] ?? text);
  const accept = names.map((name) => ({ package: name, because }));
  try {
    return await buildImage({ ...spec, accept }, options);
  } catch (error) {
    if (!(error instanceof BrokenImageError)) throw error;
    const missing = [...new Set(error.findings.map((finding) => finding.missing))];
    const allow = missing.map((one) => ({ missing: one, in: undefined, because }));
    return await buildImage({ ...spec, accept, allow }, options);
  }
}

const because = 'its files are compared, not run';
