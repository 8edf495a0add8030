import type { Format } from '@dsv/core'

/** What kind of YOLO dataset a folder is, and what `--variant` takes. */
export type YoloVariant =
  | 'ultralytics-detect'
  | 'ultralytics-segment'
  | 'ultralytics-pose'
  | 'ultralytics-obb'
  | 'ultralytics-classify'
  | 'darknet'

/** All variants, the default first. */
export const YOLO_VARIANTS: readonly YoloVariant[] = [
  'ultralytics-detect',
  'ultralytics-segment',
  'ultralytics-pose',
  'ultralytics-obb',
  'ultralytics-classify',
  'darknet',
]

/** YOLO: one text file of normalised numbers per image. */
export const yoloFormat: Format = {
  name: 'yolo',
  title: 'YOLO (Ultralytics, Darknet)',
  source: new URL('https://docs.ultralytics.com/datasets/'),
  holds: new Set(['box', 'polygon', 'points', 'quad', 'label']),
  variants: YOLO_VARIANTS,
}
