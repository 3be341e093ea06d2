import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { checkPushedDigest } from '../image/export-image.ts';
import { repositoryOf } from '../image/registry-image.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { formatLocation, type ImageLocation } from '../oci/location.ts';
import { formatReference, withDefaultTag } from '../oci/reference.ts';
import type { Registries } from '../registry/types.ts';
import type { LocalStore } from '../store/local-store.ts';
import { OciLayout } from '../store/oci-layout.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { nothingToClose } from './copy-source.ts';

/** Where an image goes blob by blob. */
export interface CopyDestination {
  readonly target: ReferrerTarget;
  /** The place with the image's name in it, without digest. */
  readonly name: string;
  /** Gives the image its name there; it comes last. */
  tag(root: Descriptor): Promise<void>;
  close(): Promise<void>;
}

export interface DestinationOptions {
  readonly store: LocalStore;
  readonly registries: Registries;
  readonly cwd: string;
  /** What is going to be there: a digest in the destination's name has to be its. */
  readonly root: Descriptor;
  /** The image's tag where it comes from, for a layout whose location names none. */
  readonly tag: string | undefined;
}

/** @throws SlimimageError OUTPUT_INVALID, REFERENCE_INVALID, OFFLINE, STORE */
export async function openDestination(location: ImageLocation, options: DestinationOptions): Promise<CopyDestination> {
  const { store, cwd, root } = options;
  switch (location.type) {
    case 'store': {
      checkPushedDigest(location, root);
      const name = `${location.name}:${location.tag}`;
      return { target: store, name: `store:${name}`, tag: (image) => store.tag(image, name), close: nothingToClose };
    }
    case 'oci': {
      const target = await OciLayout.create(resolve(cwd, location.directory));
      const tag = location.tag ?? options.tag ?? 'latest';
      const name = formatLocation({ ...location, tag });
      return { target, name, tag: (image) => target.tag(image, tag), close: () => target.close() };
    }
    case 'registry': {
      const { reference } = location;
      checkPushedDigest(reference, root);
      const target = await repositoryOf(reference, { ...options, push: true });
      const { digest: _, ...whole } = withDefaultTag(reference);
      const { tag } = whole;
      return {
        target,
        name: `docker://${formatReference(whole)}`,
        tag: async (image) => {
          if (tag !== undefined) await target.tag(image, tag);
        },
        close: nothingToClose,
      };
    }
    default:
      throw new SlimimageError({
        code: 'OUTPUT_INVALID',
        message: `${formatLocation(location)} keeps no images by digest`,
      });
  }
}
