/**
 * How much of a hostile input is believed. Every parser and every download takes its limit as a parameter;
 * these are the defaults, generous for Debian's largest real packages and small enough to stay alive.
 */
const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

export const limits = {
  /** Bytes of one path in an archive or image (PATH_MAX). */
  pathBytes: 4096,
  /** Path components from the root. */
  pathDepth: 256,
  /** Bytes of one PAX header or GNU long name. */
  tarMetadataBytes: 1 * MiB,
  /** Entries of one tar. */
  tarEntries: 2_000_000,
  /** Symlinks followed for one path (as Linux does). */
  symlinkHops: 40,
  /** Components of symlinks that are followed in one image, in all; a desktop's image needs some millions. */
  linkComponents: 20_000_000,
  /** Bytes of an unpacked control tar. */
  controlTarBytes: 64 * MiB,
  /** Bytes of an unpacked data tar or layer. */
  dataTarBytes: 64 * GiB,
  /** Unpacked bytes for each packed byte, once past `ratioFreeBytes`. */
  compressionRatio: 1200,
  /** Unpacked bytes below which no ratio is held against a stream. */
  ratioFreeBytes: 64 * MiB,
  /** Bytes of an InRelease, Release or Release.gpg. */
  releaseBytes: 32 * MiB,
  /** Bytes of an unpacked Packages index. */
  packagesBytes: 1 * GiB,
  /** Bytes of a Contents index of an archive, as it is there and unpacked; Debian's largest has 38 MB and 540 MB. */
  contentsIndexBytes: 256 * MiB,
  contentsBytes: 4 * GiB,
  /** Bytes of a changelog in a .deb, as it is there and unpacked; the kernel's has 2 MB and 7 MB. */
  changelogPackedBytes: 16 * MiB,
  changelogBytes: 64 * MiB,
  /** Bytes of a copyright file: the largest of Debian have some 2 MB. */
  copyrightBytes: 4 * MiB,
  /** Characters of a maintainer script; the largest of Debian have some 100,000. */
  scriptCharacters: 1 * MiB,
  /** What maintainer scripts of one image make: paths, bytes of files (each time they are written), and paths that recursive commands look at. */
  scriptedPaths: 50_000,
  scriptedBytes: 256 * MiB,
  scriptedLooks: 10_000_000,
  /** Accounts and memberships that packages of one image ask for; Debian's whole archive has some 1000. */
  accountRequests: 10_000,
  /** Bytes of an ld.so.cache: ten thousand libraries have some 1 MB. */
  libraryCacheBytes: 32 * MiB,
  /** Bytes of a Java key store, and entries in it. */
  keystoreBytes: 32 * MiB,
  keystoreEntries: 10_000,
  /** Bytes of one certificate. */
  certificateBytes: 1 * MiB,
  /** Bytes of one deb822 stanza. */
  stanzaBytes: 4 * MiB,
  /** Bytes of an OCI index, manifest or config. */
  ociDocumentBytes: 4 * MiB,
  /** Bytes of all indexes and manifests of one image that is copied. */
  imageDocumentsBytes: 128 * MiB,
  /** Documents of one image that is copied, with what refers to it. */
  imageReferrers: 10_000,
  /** Layers of one image that is read. */
  imageLayers: 1000,
  /** Entries of all layers of one image that is read; large real ones have half a million. */
  imageEntries: 3_000_000,
  /** Bytes of names, link targets and extended attributes of one layer; a million paths have some 100 MB. */
  layerNameBytes: 256 * MiB,
  /** Bytes of a layer's files that are kept because judgements need them (view/kept-files.ts). */
  keptLayerBytes: 256 * MiB,
  /** Layers of one image that is built: engines stop there. */
  builtLayers: 127,
  /** Bytes of one file of the image below (`on:`) that a build reads: accounts, package database, certificates. */
  baseFileBytes: 64 * MiB,
  /** Manifests of one index. */
  indexManifests: 10_000,
  /** Tags of one repository that are listed. */
  registryTags: 100_000,
  /** Bytes of a configuration file. */
  configBytes: 1 * MiB,
  /** Bytes of a lock file: ten platforms of some thousand packages each. */
  lockBytes: 32 * MiB,
  /** Bytes of a paper that is read: an SBOM names every file of an image. */
  paperBytes: 256 * MiB,
  /** Characters of a WWW-Authenticate, and challenges in it. */
  challengeLength: 16 * KiB,
  challenges: 20,
  /** Bytes of a token server's answer; characters of the token in it. */
  tokenAnswerBytes: 1 * MiB,
  tokenLength: 64 * KiB,
  /** Bytes of a docker config.json, and of what a credential helper prints. */
  loginFileBytes: 1 * MiB,
  loginHelperBytes: 64 * KiB,
  /** Bytes of one Python module that is compiled, milliseconds that one may take, and modules that may break the compiler. */
  pythonModuleBytes: 4 * MiB,
  moduleMilliseconds: 5 * 60 * 1000,
  brokenModules: 20,
  /** Bytes of one XML document of a package, and elements in one another. freedesktop.org.xml has 2.4 MB. */
  xmlBytes: 32 * MiB,
  xmlDepth: 100,
  /** Libraries that the check of an image looks up, and faults that it tells; a desktop's programs need some ten millions. */
  checkedLibraries: 100_000_000,
  checkFindings: 100_000,
  /** Bytes of one file in which secrets are looked for. */
  secretBytes: 64 * MiB,
  /** HTTP redirects followed for one request. */
  redirects: 10,
} as const;

export type Limits = { readonly [K in keyof typeof limits]: number };
