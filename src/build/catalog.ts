import { readFile } from 'node:fs/promises';
import { type CatalogName, catalog, catalogNames } from '../config/catalog.ts';
import { loadConfig } from '../config/load.ts';

/** Of an image as `docker images` counts it: the bytes of its files, without what a tar adds. */
export interface CatalogSize {
  readonly packages: number;
  readonly bytes: number;
}

export interface CatalogImage {
  readonly name: string;
  /** What `build` and `extends:` take: `catalog/nginx`. */
  readonly reference: string;
  /** The same with a shell: `catalog/nginx-debug`. */
  readonly debug: string;
  /** What it is for. */
  readonly title: string;
  /** Requests, in alphabetical order. */
  readonly packages: readonly string[];
  readonly user: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  /** As measured for linux/amd64 when this version of slimimage was made; undefined where it was not. */
  readonly size: CatalogSize | undefined;
}

/** catalog/sizes.json, which `npm run catalog-sizes` writes. */
export interface CatalogSizes {
  /** `linux/amd64` */
  readonly platform: string;
  readonly images: Readonly<Partial<Record<CatalogName, MeasuredSizes>>>;
}

export interface MeasuredSizes {
  /** With everything that the packages depend on. */
  readonly full: CatalogSize;
  /** As the image is built. */
  readonly runtime: CatalogSize;
}

/** catalog/ lies beside src/ and beside dist/. */
const sizesFile = new URL('../../catalog/sizes.json', import.meta.url);

/** The images of the catalogue, in its order. Asks no server. */
export async function listCatalogImages({ cwd }: { readonly cwd: string }): Promise<readonly CatalogImage[]> {
  const { images } = JSON.parse(await readFile(sizesFile, 'utf8')) as CatalogSizes;
  return Promise.all(
    catalogNames.map(async (name) => {
      const reference = `catalog/${name}`;
      const { packages, config } = await loadConfig(reference, { cwd });
      const { user, ports, volumes } = config;
      const facts = {
        name,
        reference,
        debug: `${reference}-debug`,
        title: catalog[name],
        packages: [...packages].sort(),
      };
      return { ...facts, user, ports, volumes, size: images[name]?.runtime };
    }),
  );
}
