import { isSlimimageError } from '../../errors.ts';
import { debianOfPlatform } from '../../oci/debian-architecture.ts';
import { parsePlatform } from '../../oci/platform.ts';

/** Debian's name of a platform's architecture; undefined where Debian has none, or the text names no platform. */
export function debianArchitecture(platform: string): string | undefined {
  try {
    return debianOfPlatform(parsePlatform(platform));
  } catch (error) {
    if (isSlimimageError(error)) return undefined;
    throw error;
  }
}
