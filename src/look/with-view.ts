import { openView } from '../image/open-view.ts';
import type { ImageView } from '../view/types.ts';
import { type LookOptions, type Opened, withImage } from './with-image.ts';

export type { LookOptions } from './with-image.ts';

/** What is looked at, as long as the action runs. */
export interface Looked extends Opened {
  readonly view: ImageView;
}

/**
 * Opens an image, wherever it is (product.md's locations), and what is known of it.
 * @throws SlimimageError as withImage, and what reading layers throws
 */
export async function withView<T>(
  name: string,
  options: LookOptions & { readonly contents?: boolean | undefined },
  action: (looked: Looked) => Promise<T>,
): Promise<T> {
  const { contents, onEvent, signal } = options;
  return withImage(name, options, async (opened) => {
    const view = await openView(opened.image, { store: opened.store, contents, onEvent, signal });
    return action({ ...opened, view });
  });
}
