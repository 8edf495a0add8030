/** A class of MOTS, and the thousands of its pixels. */
export interface MotsClass {
  readonly number: number
  readonly name: string
}

/** How many instances a class can have in an image. */
export const INSTANCES = 1000
/** The name of regions that are not looked at. */
const IGNORED: MotsClass = { number: 10, name: 'ignored' }

/** The classes of the original, which has no list of them. */
export const MOTS_CLASSES: readonly MotsClass[] = [
  { number: 1, name: 'car' },
  { number: 2, name: 'pedestrian' },
  IGNORED,
]

/** Returns the classes of a list of names; of fewer than ten, 10 is the one called `ignored`, too. */
export function classesOf(names: readonly string[]): readonly MotsClass[] {
  const listed = names.map((name, at) => ({ number: at + 1, name }))
  const isShort = names.length < IGNORED.number && names.includes(IGNORED.name)
  return isShort ? [...listed, IGNORED] : listed
}

/** Returns whether pixels of a class and an instance are a region to ignore, which has no track. */
export function isRegion(className: string, instance: number): boolean {
  return className === IGNORED.name && instance === 0
}
