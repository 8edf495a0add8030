import type { Category } from '@dsv/core'
import type { Rgb } from './label-colors.ts'

/** A class of Cityscapes, which KITTI shares. */
export interface CityscapesLabel {
  readonly name: string
  /** The value of its pixels; −1 is never drawn. */
  readonly id: number
  /** The value of its pixels for training; undefined for classes that are left out of it. */
  readonly trainId: number | undefined
  readonly group: string
  /** Whether each object is drawn in a value of its own. */
  readonly hasInstances: boolean
  readonly color: Rgb
}

const BLACK: Rgb = [0, 0, 0]

/**
 * The classes in the order of their ids.
 *
 * @see https://github.com/mcordts/cityscapesScripts/blob/master/cityscapesscripts/helpers/labels.py
 */
export const CITYSCAPES_LABELS: readonly CityscapesLabel[] = [
  label('unlabeled', 0, undefined, 'void', BLACK),
  label('ego vehicle', 1, undefined, 'void', BLACK),
  label('rectification border', 2, undefined, 'void', BLACK),
  label('out of roi', 3, undefined, 'void', BLACK),
  label('static', 4, undefined, 'void', BLACK),
  label('dynamic', 5, undefined, 'void', [111, 74, 0]),
  label('ground', 6, undefined, 'void', [81, 0, 81]),
  label('road', 7, 0, 'flat', [128, 64, 128]),
  label('sidewalk', 8, 1, 'flat', [244, 35, 232]),
  label('parking', 9, undefined, 'flat', [250, 170, 160]),
  label('rail track', 10, undefined, 'flat', [230, 150, 140]),
  label('building', 11, 2, 'construction', [70, 70, 70]),
  label('wall', 12, 3, 'construction', [102, 102, 156]),
  label('fence', 13, 4, 'construction', [190, 153, 153]),
  label('guard rail', 14, undefined, 'construction', [180, 165, 180]),
  label('bridge', 15, undefined, 'construction', [150, 100, 100]),
  label('tunnel', 16, undefined, 'construction', [150, 120, 90]),
  label('pole', 17, 5, 'object', [153, 153, 153]),
  label('polegroup', 18, undefined, 'object', [153, 153, 153]),
  label('traffic light', 19, 6, 'object', [250, 170, 30]),
  label('traffic sign', 20, 7, 'object', [220, 220, 0]),
  label('vegetation', 21, 8, 'nature', [107, 142, 35]),
  label('terrain', 22, 9, 'nature', [152, 251, 152]),
  label('sky', 23, 10, 'sky', [70, 130, 180]),
  label('person', 24, 11, 'human', [220, 20, 60]),
  label('rider', 25, 12, 'human', [255, 0, 0]),
  label('car', 26, 13, 'vehicle', [0, 0, 142]),
  label('truck', 27, 14, 'vehicle', [0, 0, 70]),
  label('bus', 28, 15, 'vehicle', [0, 60, 100]),
  label('caravan', 29, undefined, 'vehicle', [0, 0, 90]),
  label('trailer', 30, undefined, 'vehicle', [0, 0, 110]),
  label('train', 31, 16, 'vehicle', [0, 80, 100]),
  label('motorcycle', 32, 17, 'vehicle', [0, 0, 230]),
  label('bicycle', 33, 18, 'vehicle', [119, 11, 32]),
  label('license plate', -1, undefined, 'vehicle', [0, 0, 142]),
]

/** Returns the classes as categories of a format. */
export function cityscapesCategories(format: string): readonly Category[] {
  return CITYSCAPES_LABELS.map(({ name, id, group, hasInstances, color }) => ({
    key: name,
    name,
    color,
    supercategory: group,
    isThing: hasInstances,
    sourceIds: { [format]: id },
  }))
}

/** Returns whether all names are those of classes of Cityscapes. */
export function areCityscapesNames(names: Iterable<string>): boolean {
  const known = new Set(CITYSCAPES_LABELS.map(({ name }) => name))
  return [...names].every((name) => known.has(name))
}

function label(
  name: string,
  id: number,
  trainId: number | undefined,
  group: string,
  color: Rgb,
): CityscapesLabel {
  const hasInstances = id > 0 && (group === 'human' || group === 'vehicle')
  return { name, id, trainId, group, hasInstances, color }
}
