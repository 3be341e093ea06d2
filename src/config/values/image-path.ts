import { limits } from '../../limits.ts';

/** What is wrong with an absolute path in the image, or undefined. */
export function checkImagePath(path: string): string | undefined {
  if (!path.startsWith('/')) return `expected an absolute path in the image, not "${path.slice(0, 80)}"`;
  if (path.length > limits.pathBytes) return `a path has at most ${limits.pathBytes} bytes`;
  if (path.includes('\0') || path.includes('\n')) return 'a path has no line breaks and no NUL';
  if (path.split('/').some((part) => part === '.' || part === '..'))
    return 'a path in the image has no "." and no ".." in it';
  return undefined;
}

/** Without doubled and trailing slashes; the root is `/`. */
export function cleanImagePath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
}
