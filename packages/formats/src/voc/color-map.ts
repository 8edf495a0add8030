/** A colour as red, green, blue, 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** The index that marks pixels of no class, and the border around objects. */
export const VOID_INDEX = 255

/** The twenty classes of the challenge, in its order. */
export const VOC_CLASSES: readonly string[] = (
  'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike ' +
  'person pottedplant sheep sofa train tvmonitor'
).split(' ')

/** The parts of a person in the layout task. */
export const VOC_PARTS: readonly string[] = ['head', 'hand', 'foot']

/** The actions of a person in the action task; `other` is none of them. */
export const VOC_ACTIONS: readonly string[] = (
  'jumping phoning playinginstrument reading ridingbike ridinghorse running takingphoto ' +
  'usingcomputer walking other'
).split(' ')

/**
 * Returns the colour of an index in the colour map of the challenge: the bits of the index, lowest
 * first, go to red, green and blue in turn, from the highest bit down.
 *
 * @see http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/index.html `VOClabelcolormap`
 */
export function vocColor(index: number): Rgb {
  let [red, green, blue] = [0, 0, 0]
  for (let bit = 0; bit < 8; bit++) {
    const bits = index >> (bit * 3)
    red |= (bits & 1) << (7 - bit)
    green |= ((bits >> 1) & 1) << (7 - bit)
    blue |= ((bits >> 2) & 1) << (7 - bit)
  }
  return [red, green, blue]
}

/** Returns one number for a colour, to look it up by. */
export function colorNumber([red, green, blue]: Rgb): number {
  return (red << 16) | (green << 8) | blue
}
