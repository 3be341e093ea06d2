export declare const projectRoot: string;
export declare const versions: {
  readonly development: string;
  readonly supported: readonly string[];
  readonly integrity: Readonly<Record<string, string>>;
};
export declare class SetupError extends Error {}
export declare function ensureNode(
  version: string,
  options: {
    readonly say: (line: string) => void;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly architecture?: string;
  },
): string;
export declare function runNpm(
  node: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly failure: string;
  },
): void;
