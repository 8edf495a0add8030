export { detectFormat, type DetectedFormat } from './detect-format.ts'
export { type JudgedFormat, judgeFormats, type Verdict } from './judge-formats.ts'
export { archiveInvalid, fileTooLarge, formatUnknown, pathUnsafe } from './errors.ts'
export { diskFolder } from './folder/disk-folder.ts'
export { diskWriter, type DiskWriterOptions } from './folder/disk-writer.ts'
export { memoryFile } from './folder/open-file.ts'
export {
  openFolder,
  type OpenedFolder,
  type OpenedPreview,
  openPreview,
} from './folder/open-folder.ts'
export { safePath } from './folder/safe-path.ts'
export { zipFolder, type ZipLimits } from './folder/zip-folder.ts'
export { extensionOf, isImagePath, isVideoPath } from './media/media-kind.ts'
export { openImageBytes } from './media/open-image.ts'
export { probeBytes, probeMedia } from './media/probe-media.ts'
export { formatNames, loadAdapter, loadFormat, resolveFormatName } from './registry.ts'
export { builtInFormats } from './format-provider.ts'
export { parseCsv } from './shared/csv-reader.ts'
export { readAhead } from './shared/read-ahead.ts'
export {
  type ConvertContext,
  convertDataset,
  type ConvertOutcome,
  type ConvertRequest,
} from './convert-dataset.ts'
export {
  extractFrames,
  type ExtractFramesContext,
  type ExtractFramesRequest,
} from './video/extract-frames.ts'
export type { FrameSelection } from './video/decode-frames.ts'
export { interpolateGeometry } from './cvat/interpolate-geometry.ts'
export { formatsWithPlugins } from './plugins/formats-with-plugins.ts'
export { loadPlugins, type Plugin } from './plugins/load-plugins.ts'
export { cocoImageIds, readCocoResults, type ResultsContext } from './coco/read-results.ts'
export { type DecodedPixels, decodePixels, type RawPixels } from './shared/raw-pixels.ts'
