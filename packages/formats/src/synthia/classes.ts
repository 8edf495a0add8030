import type { ColoredLabel, Rgb } from '../shared/label-colors.ts'

const RAND_COLORS: Readonly<Record<string, Rgb>> = {
  Void: [0, 0, 0],
  Sky: [128, 128, 128],
  Building: [128, 0, 0],
  Road: [128, 64, 128],
  Sidewalk: [0, 0, 192],
  Fence: [64, 64, 128],
  Vegetation: [128, 128, 0],
  Pole: [192, 192, 128],
  Car: [64, 0, 128],
  Sign: [192, 128, 128],
  Pedestrian: [64, 64, 0],
  Cyclist: [0, 128, 192],
  Lanemarking: [0, 175, 0],
  TrafficLight: [0, 128, 128],
}
const SF_COLORS: Readonly<Record<string, Rgb>> = {
  Void: [0, 0, 0],
  Road: [128, 64, 128],
  Sidewalk: [244, 35, 232],
  Building: [70, 70, 70],
  Wall: [102, 102, 156],
  Fence: [190, 153, 153],
  Pole: [153, 153, 153],
  TrafficLight: [250, 170, 30],
  TrafficSign: [220, 220, 0],
  Vegetation: [107, 142, 35],
  Terrain: [152, 251, 152],
  Sky: [70, 130, 180],
  Person: [220, 20, 60],
  Rider: [255, 0, 0],
  Car: [0, 0, 142],
  Truck: [0, 0, 70],
  Bus: [0, 60, 100],
  Train: [0, 80, 100],
  Motorcycle: [0, 0, 230],
  Bicycle: [119, 11, 32],
  RoadLines: [157, 234, 50],
  Other: [72, 0, 98],
  RoadWorks: [167, 106, 29],
}
const AL_COLORS: Readonly<Record<string, Rgb>> = {
  Void: [0, 0, 0],
  Sky: [128, 128, 128],
  Building: [128, 0, 0],
  Road: [128, 64, 128],
  Sidewalk: [0, 0, 192],
  Fence: [64, 64, 128],
  Vegetation: [128, 128, 0],
  Pole: [192, 192, 128],
  Car: [64, 0, 128],
  TrafficSign: [192, 128, 128],
  Pedestrian: [64, 64, 0],
  Bicycle: [0, 128, 192],
  Lanemarking: [0, 172, 0],
  TrafficLight: [0, 128, 128],
}

/** The classes of SYNTHIA-RAND in colours; their places are the numbers of `GTTXT`. */
export const RAND_LABELS: readonly ColoredLabel[] = colored(RAND_COLORS)

/** The classes of SYNTHIA-SF. */
export const SF_LABELS: readonly ColoredLabel[] = colored(SF_COLORS)

/** The classes of SYNTHIA-AL. */
export const AL_LABELS: readonly ColoredLabel[] = colored(AL_COLORS)

/** The classes of SYNTHIA-RAND-CITYSCAPES by number, in `GT/LABELS`. */
export const NUMBERED_LABELS: readonly ColoredLabel[] = (
  'Void Sky Building Road Sidewalk Fence Vegetation Pole Car TrafficSign Pedestrian Bicycle ' +
  'Motorcycle ParkingSlot RoadWork TrafficLight Terrain Rider Truck Bus Train Wall Lanemarking'
)
  .split(' ')
  .map((name) => ({ name }))

function colored(colors: Readonly<Record<string, Rgb>>): readonly ColoredLabel[] {
  return Object.entries(colors).map(([name, color]) => ({ name, color }))
}
