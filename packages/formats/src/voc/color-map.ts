export { colorNumber, type Rgb, vocColor } from '../shared/label-colors.ts'

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
