/**
 * Progress as typed events. Every long operation takes one `onEvent`; the terminal's bars, the plain log,
 * a web page and the tests are consumers of the same stream.
 */
export type Phase =
  | 'configure'
  /** The layers of an image are read. */
  | 'read'
  | 'indexes'
  | 'resolve'
  | 'download'
  | 'convert'
  | 'prune'
  | 'assemble'
  | 'check'
  | 'papers'
  | 'write';

export type SlimimageEvent =
  | {
      readonly type: 'phase';
      readonly phase: Phase;
      readonly state: 'start' | 'end';
      readonly platform?: string | undefined;
    }
  /** A piece of work with a size in bytes (`total` undefined: not known) begins. `id` is unique while it runs. */
  | {
      readonly type: 'task';
      readonly id: string;
      readonly phase: Phase;
      readonly label: string;
      readonly total?: number | undefined;
    }
  /** Bytes done so far (absolute, not a difference). */
  | { readonly type: 'advance'; readonly id: string; readonly done: number }
  | { readonly type: 'done'; readonly id: string; readonly outcome: 'ok' | 'cached' | 'failed' }
  | { readonly type: 'warning'; readonly message: string; readonly hint?: string | undefined }
  /** A server failed, or asked to wait: it is asked again after `delayMs`, as the message says. */
  | { readonly type: 'retry'; readonly message: string; readonly delayMs: number }
  | { readonly type: 'info'; readonly message: string };

export type OnEvent = (event: SlimimageEvent) => void;

/** What every long operation accepts. */
export interface OperationOptions {
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}
