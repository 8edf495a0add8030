import { formatSyntax, type Json } from '@dsv/core'
import { isArray, isNumbers, type JsonObject } from '../shared/json-reader.ts'
import type { Joint, Person } from './person.ts'

/** Returns the people of a record: the one it is about, then the others. @throws `DSV_FORMAT_SYNTAX` */
export function peopleOfRecord(record: JsonObject, file: string): readonly Person[] {
  const self = personOf(record['joint_self'], record['objpos'], record['scale_provided'], file)
  const others = listOf(record['joint_others'], isJoints)
  const centers = listOf(record['objpos_other'], isPair)
  const scales = record['scale_provided_other']
  const all = isArray(scales) ? scales : [scales]
  return [self, ...others.map((joints, at) => personOf(joints, centers[at], all[at], file))]
}

/** Of one other person there is no list. */
function listOf(
  value: Json | undefined,
  isOne: (value: Json) => boolean,
): readonly (Json | undefined)[] {
  if (!isArray(value) || value.length === 0) return []
  return isOne(value) ? [value] : value
}

function isJoints(value: Json): boolean {
  const [first] = isArray(value) ? value : []
  return isNumbers(first)
}

function isPair(value: Json): boolean {
  return isNumbers(value)
}

function personOf(
  value: Json | undefined,
  center: Json | undefined,
  scale: Json | undefined,
  file: string,
): Person {
  const joints = new Map<number, Joint>()
  if (!isArray(value)) throw formatSyntax(file, 'has a person without joints')
  for (const [at, joint] of value.entries()) {
    if (!isNumbers(joint) || joint.length !== 3) {
      throw formatSyntax(file, 'has a joint that is not three numbers')
    }
    const [x = 0, y = 0, seen = 0] = joint
    const isAbsent = seen > 1 || (seen === 0 && x === 0 && y === 0)
    if (!isAbsent) joints.set(at, { x, y, isVisible: seen === 1 })
  }
  return {
    joints,
    scale: typeof scale === 'number' ? scale : undefined,
    center: isNumbers(center) && center.length > 0 ? center : undefined,
    head: undefined,
  }
}
