const SEGMENTS = Buffer.from([
  // SOI, APP0 (JFIF 1.1, 1:1)
  0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0,
  // SOF0: 8 bits, height and width at 25 and 27, three components 4:2:0
  0xff, 0xc0, 0, 17, 8, 0, 0, 0, 0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
  // SOS
  0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0,
])

/**
 * Returns bytes that say of themselves what a JPEG file says (size, components) and are as
 * incompressible; a decoder would find noise.
 */
export function jpegLike(bytes, sizeBytes, width, height) {
  const file = Buffer.from(bytes(sizeBytes))
  for (let at = file.indexOf(0xff); at >= 0; at = file.indexOf(0xff, at + 1)) file[at] = 0xfe
  SEGMENTS.copy(file)
  file.writeUInt16BE(height, 25)
  file.writeUInt16BE(width, 27)
  file.writeUInt16BE(0xffd9, sizeBytes - 2)
  return file
}
