/**
 * What gdk-pixbuf-query-loaders prints of a loader after its path, by the name of its file: name, flags, what it reads,
 * licence; media types; suffixes; signatures with their masks. Printed by gdk-pixbuf-query-loaders 2.42.12 (trixie) of every loader
 * that Debian has (`gdk-pixbuf-query-loaders $(find LOADERS_DIR -name '*.so' | LC_ALL=C sort)`, as the postinst of
 * libgdk-pixbuf-2.0-0 calls it); that of bookworm, 2.42.10, prints the same.
 */
export const knownLoaders: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'io-wmf.so',
    [
      '"wmf" 0 "gdk-pixbuf" "Windows Metafile" ""',
      '"image/x-wmf" ""',
      '"wmf" "apm" ""',
      '"\\327\\315\\306\\232" "" 100',
      '"\\001" "" 100',
    ],
  ],
  [
    'libpixbufloader-ani.so',
    [
      '"ani" 4 "gdk-pixbuf" "Windows animated cursor" "LGPL"',
      '"application/x-navi-animation" ""',
      '"ani" ""',
      '"RIFF    ACON" "    xxxx    " 100',
    ],
  ],
  [
    'libpixbufloader-avif.so',
    [
      '"avif" 5 "gdk-pixbuf" "AV1 Image File Format" "BSD"',
      '"image/avif" ""',
      '"avif" ""',
      '"    ftypavif" "zzz         " 100',
    ],
  ],
  [
    'libpixbufloader-bmp.so',
    ['"bmp" 5 "gdk-pixbuf" "BMP" "LGPL"', '"image/bmp" "image/x-bmp" "image/x-MS-bmp" ""', '"bmp" ""', '"BM" "" 100'],
  ],
  ['libpixbufloader-gif.so', ['"gif" 4 "gdk-pixbuf" "GIF" "LGPL"', '"image/gif" ""', '"gif" ""', '"GIF8" "" 100']],
  [
    'libpixbufloader-heif.so',
    [
      '"heif/avif" 4 "pixbufloader-heif" "HEIF/AVIF Image" "LGPL3"',
      '"image/heif" "image/heic" "image/avif" ""',
      '"heif" "heic" "avif" ""',
      '"    ftyp" "xxxx    " 100',
    ],
  ],
  [
    'libpixbufloader-icns.so',
    ['"icns" 4 "gdk-pixbuf" "MacOS X icon" "GPL"', '"image/x-icns" ""', '"icns" ""', '"icns" "" 100'],
  ],
  [
    'libpixbufloader-ico.so',
    [
      '"ico" 5 "gdk-pixbuf" "Windows icon" "LGPL"',
      '"image/x-icon" "image/x-ico" "image/x-win-bitmap" "image/vnd.microsoft.icon" "application/ico" "image/ico" "image/icon" "text/ico" ""',
      '"ico" "cur" ""',
      '"  \\001   " "zz znz" 100',
      '"  \\002   " "zz znz" 100',
    ],
  ],
  [
    'libpixbufloader-jxl.so',
    [
      '"jxl" 5 "gdk-pixbuf" "JPEG XL image" "BSD-3"',
      '"image/jxl" ""',
      '"jxl" ""',
      '"\\377\\n" "  " 100',
      '"...\\fJXL \\r\\n\\207\\n" "zzz         " 100',
    ],
  ],
  [
    'libpixbufloader-pnm.so',
    [
      '"pnm" 4 "gdk-pixbuf" "PNM/PBM/PGM/PPM" "LGPL"',
      '"image/x-portable-anymap" "image/x-portable-bitmap" "image/x-portable-graymap" "image/x-portable-pixmap" ""',
      '"pnm" "pbm" "pgm" "ppm" ""',
      '"P1" "" 100',
      '"P2" "" 100',
      '"P3" "" 100',
      '"P4" "" 100',
      '"P5" "" 100',
      '"P6" "" 100',
    ],
  ],
  [
    'libpixbufloader-qtif.so',
    [
      '"qtif" 4 "gdk-pixbuf" "QuickTime" "LGPL"',
      '"image/x-quicktime" "image/qtif" ""',
      '"qtif" "qif" ""',
      '"abcdidsc" "xxxx    " 100',
      '"abcdidat" "xxxx    " 100',
    ],
  ],
  [
    'libpixbufloader-tga.so',
    [
      '"tga" 4 "gdk-pixbuf" "Targa" "LGPL"',
      '"image/x-tga" ""',
      '"tga" "targa" ""',
      '" \\001\\001" "x  " 100',
      '" \\001\\t" "x  " 100',
      '"  \\002" "xz " 99',
      '"  \\003" "xz " 100',
      '"  \\n" "xz " 100',
      '"  \\v" "xz " 100',
    ],
  ],
  [
    'libpixbufloader-tiff.so',
    [
      '"tiff" 5 "gdk-pixbuf" "TIFF" "LGPL"',
      '"image/tiff" ""',
      '"tiff" "tif" ""',
      '"MM *" "  z " 100',
      '"II* " "   z" 100',
      '"II* \\020   CR\\002 " "   z zzz   z" 0',
    ],
  ],
  [
    'libpixbufloader-webp.so',
    [
      '"webp" 5 "gdk-pixbuf" "The WebP image format" "LGPL"',
      '"image/webp" "audio/x-riff" ""',
      '"webp" ""',
      '"RIFFsizeWEBP" "    xxxx    " 100',
    ],
  ],
  [
    'libpixbufloader-xbm.so',
    ['"xbm" 4 "gdk-pixbuf" "XBM" "LGPL"', '"image/x-xbitmap" ""', '"xbm" ""', '"#define " "" 100', '"/*" "" 50'],
  ],
  [
    'libpixbufloader-xpm.so',
    ['"xpm" 4 "gdk-pixbuf" "XPM" "LGPL"', '"image/x-xpixmap" ""', '"xpm" ""', '"/* XPM */" "" 100'],
  ],
  [
    'libpixbufloader_svg.so',
    [
      '"svg" 6 "gdk-pixbuf" "Scalable Vector Graphics" "LGPL"',
      '"image/svg+xml" "image/svg" "image/svg-xml" "image/vnd.adobe.svg+xml" "text/xml-svg" "image/svg+xml-compressed" ""',
      '"svg" "svgz" "svg.gz" ""',
      '" <svg" "*    " 100',
      '" <!DOCTYPE svg" "*             " 100',
    ],
  ],
  // Its name in bookworm.
  [
    'libpixbufloader-svg.so',
    [
      '"svg" 6 "gdk-pixbuf" "Scalable Vector Graphics" "LGPL"',
      '"image/svg+xml" "image/svg" "image/svg-xml" "image/vnd.adobe.svg+xml" "text/xml-svg" "image/svg+xml-compressed" ""',
      '"svg" "svgz" "svg.gz" ""',
      '" <svg" "*    " 100',
      '" <!DOCTYPE svg" "*             " 100',
    ],
  ],
]);
