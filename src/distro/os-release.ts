import { decodeUtf8 } from '../util/text.ts';

/** Which release of which distribution a file system is, as far as it says. */
export interface OsRelease {
  /** `debian`, `ubuntu`. */
  readonly id: string | undefined;
  /** `trixie`. */
  readonly codename: string | undefined;
  /** `13`, `24.04`, `3.22.1`: VERSION_ID. Undefined also where nobody asked for it. */
  readonly version?: string | undefined;
}

/** Of `/etc/os-release` (os-release(5)); what is written in another way than these ever are counts as not said. */
export function parseOsRelease(bytes: Uint8Array): OsRelease {
  const lines = decodeUtf8(bytes).split('\n');
  const valueNamed = (name: string) => {
    // Later assignments win, as in a shell.
    const line = lines.findLast((one) => one.startsWith(`${name}=`)) ?? '';
    return /^["']?([a-z0-9][a-z0-9._-]{0,63})["']?\s*$/.exec(line.slice(name.length + 1))?.[1];
  };
  return { id: valueNamed('ID'), codename: valueNamed('VERSION_CODENAME'), version: valueNamed('VERSION_ID') };
}
