/** What became of a limit. */
export interface LimitResult {
  /** The limit as it was written. */
  readonly limit: string;
  readonly name: string;
  readonly value: number;
  /** What the image has; undefined where this form of image does not say: then the limit has failed. */
  readonly actual: number | undefined;
  readonly unit: LimitUnit;
  readonly failed: boolean;
}

export type LimitUnit = 'bytes' | 'number' | 'share';
