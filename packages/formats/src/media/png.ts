export * from './png-image.ts'
export { decodePng } from './png-decode.ts'
export { encodePng } from './png-encode.ts'
