import { type Attributes, formatSyntax } from '@dsv/core'
import { type MatArray, readMatFile } from './mat-file.ts'
import type { Joint, Person } from './person.ts'

/** One image of the list. */
export interface MatImage {
  readonly name: string
  readonly subset: string
  readonly people: readonly Person[]
  readonly attributes: Attributes
}

/** Returns how many images a MATLAB file lists, and reads one. @throws `DSV_FORMAT_SYNTAX` */
export function openMatList(
  bytes: Uint8Array,
  file: string,
): { readonly length: number; readonly imageAt: (index: number) => MatImage } {
  const release = readMatFile(bytes, file).get('RELEASE')
  const list = release?.field(0, 'annolist')
  if (release === undefined || list === undefined) {
    throw formatSyntax(file, 'has no RELEASE.annolist')
  }
  const parts = release.field(0, 'img_train')?.numbers()
  const isTrain = parts?.length === list.length ? parts : undefined
  const activities = release.field(0, 'act')
  return {
    length: list.length,
    imageAt: (index) => {
      const image = list.field(index, 'image')
      const name = image?.field(0, 'name')?.text() ?? image?.text() ?? ''
      if (name === '') throw formatSyntax(file, `image ${index + 1} has no name`)
      const people = list.field(index, 'annorect')
      return {
        name,
        subset: isTrain === undefined ? 'default' : isTrain[index] === 1 ? 'train' : 'test',
        people: Array.from({ length: people?.length ?? 0 }, (_, at) => personAt(people, at)),
        attributes: activityOf(activities, list.length, index),
      }
    },
  }
}

function activityOf(all: MatArray | undefined, length: number, index: number): Attributes {
  if (all?.length !== length) return {}
  const name = all.field(index, 'act_name')?.text() ?? ''
  const kind = all.field(index, 'cat_name')?.text() ?? ''
  return { ...(name !== '' && { act_name: name }), ...(kind !== '' && { cat_name: kind }) }
}

function personAt(people: MatArray | undefined, at: number): Person {
  const number = (name: string): number | undefined => numberOf(people?.field(at, name))
  const place = people?.field(at, 'objpos')
  const [x, y] = [numberOf(place?.field(0, 'x')), numberOf(place?.field(0, 'y'))]
  const [x1, y1, x2, y2] = [number('x1'), number('y1'), number('x2'), number('y2')]
  const isHead = x1 !== undefined && y1 !== undefined && x2 !== undefined && y2 !== undefined
  return {
    joints: jointsOf(people?.field(at, 'annopoints')?.field(0, 'point')),
    scale: number('scale'),
    center: x === undefined || y === undefined ? undefined : [x, y],
    head: isHead ? [x1, y1, x2, y2] : undefined,
  }
}

function jointsOf(points: MatArray | undefined): ReadonlyMap<number, Joint> {
  const joints = new Map<number, Joint>()
  for (let at = 0; at < (points?.length ?? 0); at += 1) {
    const [id, x, y] = ['id', 'x', 'y'].map((name) => numberOf(points?.field(at, name)))
    if (id === undefined || x === undefined || y === undefined) continue
    const seen = points?.field(at, 'is_visible')
    // Where it is not said, as for the head, it can be seen.
    const isVisible = (numberOf(seen) ?? Number(seen?.text()?.trim() || 1)) !== 0
    joints.set(id, { x, y, isVisible })
  }
  return joints
}

/** The only number of an array. */
function numberOf(array: MatArray | undefined): number | undefined {
  const [number] = array?.length === 1 ? (array.numbers() ?? []) : []
  return number !== undefined && Number.isFinite(number) ? number : undefined
}
