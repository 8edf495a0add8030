import type { AnnotationDraft, AttributeValue, Category } from '@dsv/core'

/** What is known of one person on an image. */
export interface Person {
  /** Joints by number: x, y, and whether it can be seen. */
  readonly joints: ReadonlyMap<number, Joint>
  readonly scale: number | undefined
  readonly center: readonly number[] | undefined
  /** Two corners of the box of the head: x1, y1, x2, y2. */
  readonly head: readonly [number, number, number, number] | undefined
}

/** One joint. */
export interface Joint {
  readonly x: number
  readonly y: number
  readonly isVisible: boolean
}

const JOINTS = [
  'r_ankle',
  'r_knee',
  'r_hip',
  'l_hip',
  'l_knee',
  'l_ankle',
  'pelvis',
  'thorax',
  'upper_neck',
  'head top',
  'r_wrist',
  'r_elbow',
  'r_shoulder',
  'l_shoulder',
  'l_elbow',
  'l_wrist',
]
/** The only category. */
export const HUMAN: Category = {
  key: 'human',
  name: 'human',
  skeleton: {
    points: JOINTS,
    edges: [
      [0, 1],
      [1, 2],
      [2, 6],
      [3, 4],
      [3, 6],
      [4, 5],
      [6, 7],
      [7, 8],
      [8, 9],
      [8, 12],
      [8, 13],
      [10, 11],
      [11, 12],
      [13, 14],
      [14, 15],
    ],
  },
}

/** Returns the joints and the head of a person; `group` is the number of the person on the image. */
export function draftsOfPerson(
  { joints, scale, center, head }: Person,
  group: number,
): readonly AnnotationDraft[] {
  const common = { category: HUMAN.key, group }
  const attributes: Record<string, AttributeValue> = {
    ...(scale !== undefined && { scale }),
    ...(center !== undefined && { center }),
  }
  const drafts: AnnotationDraft[] = []
  const all = JOINTS.map((_, at) => joints.get(at))
  if (all.some((joint) => joint !== undefined)) {
    drafts.push({
      type: 'points',
      ...common,
      points: all.flatMap((joint) => [joint?.x ?? 0, joint?.y ?? 0]),
      visibility: all.map((joint) => (joint === undefined ? 0 : joint.isVisible ? 2 : 1)),
      ...(Object.keys(attributes).length > 0 && { attributes }),
    })
  } else if (center !== undefined) {
    // Of people on test images only the place is known.
    drafts.push({ type: 'points', ...common, points: [], visibility: [], attributes })
  }
  if (head !== undefined) {
    const [x, y, right, bottom] = head
    drafts.push({ type: 'box', ...common, x, y, width: right - x, height: bottom - y })
  }
  return drafts
}
