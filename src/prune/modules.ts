const moduleFolders: readonly (readonly [language: string, folder: RegExp])[] = [
  [
    'perl',
    /^(?:usr\/share\/perl5|usr\/share\/perl\/[\d.]+|usr\/lib\/[^/]+\/perl(?:-base|5\/[\d.]+|\/[\d.]+))\/(.+)\.pm$/,
  ],
  ['python', /^usr\/lib\/python3(?:\.\d+)?(?:\/dist-packages)?\/([^/.]+)(?:\.py|\/__init__\.py|\.[^/]*\.so)$/],
  ['ruby', /^usr\/lib\/ruby\/(?:vendor_ruby(?:\/[\d.]+)?|[\d.]+)\/(.+)\.rb$/],
];

/** `perl:Debconf::Client::ConfModule` for the path of that module; undefined for other files. */
export function moduleOf(path: string): string | undefined {
  for (const [language, folder] of moduleFolders) {
    const name = folder.exec(path)?.[1];
    if (name !== undefined) return `${language}:${language === 'perl' ? name.replaceAll('/', '::') : name}`;
  }
  return undefined;
}
