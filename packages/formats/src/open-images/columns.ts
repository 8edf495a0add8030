import type { OpenImagesKind } from './find-files.ts'

const BOX_FLAGS = ['IsOccluded', 'IsTruncated', 'IsGroupOf', 'IsDepiction', 'IsInside'] as const
const LABELS: readonly string[] = ['ImageID', 'Source', 'LabelName', 'Confidence']

/** The columns of each kind of table, in the order of the official files. */
export const COLUMNS: Readonly<Record<OpenImagesKind, readonly string[]>> = {
  images: [
    'ImageID',
    'Subset',
    'OriginalURL',
    'OriginalLandingURL',
    'License',
    'AuthorProfileURL',
    'Author',
    'Title',
    'OriginalSize',
    'OriginalMD5',
    'Thumbnail300KURL',
    'Rotation',
  ],
  boxes: [
    'ImageID',
    'Source',
    'LabelName',
    'Confidence',
    'XMin',
    'XMax',
    'YMin',
    'YMax',
    ...BOX_FLAGS,
  ],
  'human-labels': LABELS,
  'machine-labels': LABELS,
  masks: [
    'MaskPath',
    'ImageID',
    'LabelName',
    'BoxID',
    'BoxXMin',
    'BoxXMax',
    'BoxYMin',
    'BoxYMax',
    'PredictedIoU',
    'Clicks',
  ],
}

/** Columns that a table cannot do without. */
export const NEEDED_COLUMNS: Readonly<Record<OpenImagesKind, readonly string[]>> = {
  images: ['ImageID'],
  boxes: ['ImageID', 'LabelName', 'XMin', 'XMax', 'YMin', 'YMax'],
  'human-labels': ['ImageID', 'LabelName'],
  'machine-labels': ['ImageID', 'LabelName'],
  masks: ['MaskPath', 'ImageID', 'LabelName'],
}

/** Flags that are attributes of boxes, by column; 1 is true, 0 false, −1 not known. */
export const ATTRIBUTE_FLAGS: ReadonlyMap<string, string> = new Map([
  ['IsGroupOf', 'is_group_of'],
  ['IsDepiction', 'is_depiction'],
  ['IsInside', 'is_inside'],
])
