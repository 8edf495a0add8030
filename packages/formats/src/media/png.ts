export * from './png-image.ts'
export { decodePng, type DecodePngOptions } from './png-decode.ts'
export { encodePng, type EncodePngOptions } from './png-encode.ts'
