import type { Json } from '@dsv/core'
import type { YoloLayout } from './layout.ts'
import type { LineShape } from './label-line.ts'

/** A part of the dataset as its configuration names it. */
export interface ConfigSubset {
  readonly name: string
  /** As written. */
  readonly sources: Json
  /** The paths it names, relative to the root or to wherever the writer was. */
  readonly paths: readonly string[]
}

/** What a configuration says, of whatever kind it is. */
export interface YoloConfig extends Pick<YoloLayout, 'file' | 'names' | 'namesFile' | 'keys'> {
  readonly kind: 'ultralytics' | 'darknet'
  /** Names of classes by index; indexes may have gaps. */
  readonly classes: ReadonlyMap<number, string>
  readonly subsets: readonly ConfigSubset[]
  readonly keypoints?: LineShape['keypoints']
  /** Names of keypoints by class index. */
  readonly keypointNames?: ReadonlyMap<number, readonly string[]>
  readonly task?: string
  /** Keys that have no meaning for us, kept. */
  readonly info: { readonly [key: string]: Json }
}
