import type { Category, Json, WritableFolder } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { isFileName } from './class-sets.ts'
import { formatSetLine, isSetId } from './image-sets.ts'
import { movedSets, usualSets } from './item-facts.ts'
import { isPart } from './label-map.ts'
import type { VocLayout } from './voc-layout.ts'
import type { BoxDraft } from './write-object.ts'

/** What the lists have to know of an item. */
export interface SetMember {
  readonly base: string
  readonly subset: string
  readonly where: string
  /** `extra.voc.sets`. */
  readonly sets: Json | undefined
  readonly hasMasks: boolean
  readonly labels: ReadonlyMap<string, boolean>
  readonly boxes: readonly BoxDraft[]
}

interface Line {
  readonly base: string
  readonly numbers: readonly number[]
  readonly labels: ReadonlyMap<string, boolean>
  readonly boxes: readonly BoxDraft[]
}

/** The image sets of a dataset, gathered while its items pass. */
export interface SetLines {
  readonly sets: Map<string, Line[]>
  hasLabels: boolean
  isNeeded: boolean
}

/** Returns lists without lines: those that the layout knows. */
export function newSetLines({ sets }: VocLayout): SetLines {
  return {
    sets: new Map(sets.map((set) => [set, []])),
    hasLabels: false,
    isNeeded: sets.length > 0,
  }
}

/** Puts an item into the lists it belongs to. */
export function addMember(
  lines: SetLines,
  member: SetMember,
  layout: VocLayout,
  onLoss: (loss: { readonly what: string; readonly where: string }) => void,
): void {
  const { base, subset, labels, boxes } = member
  const remembered = setsFromJson(member.sets)
  const moved = remembered === undefined ? undefined : movedSets(remembered, subset)
  const usual = usualSets({ subset, id: base }, member.hasMasks, layout)
  const sets = moved ?? new Map(usual.map((set) => [set, []]))
  if (subset !== 'default' || labels.size > 0) lines.isNeeded = true
  if (labels.size > 0) lines.hasLabels = true
  if (!isSetId(base) && sets.size > 0) {
    onLoss({ what: 'field: subset', where: member.where })
    return
  }
  for (const [set, numbers] of sets) {
    const line = { base, numbers, labels, boxes }
    const known = lines.sets.get(set)
    if (known === undefined) lines.sets.set(set, [line])
    else known.push(line)
  }
}

/** Writes all lists; returns their names for the layout. */
export async function writeSets(
  { sets, hasLabels, isNeeded }: SetLines,
  categories: readonly Category[],
  layout: VocLayout,
  folder: WritableFolder,
): Promise<Pick<VocLayout, 'sets' | 'classSets'>> {
  if (layout.kind === 'flat' || !isNeeded) return { sets: [], classSets: [] }
  const path = (set: string): string => `${layout.root}ImageSets/${set}.txt`
  const classSets = classSetsOf([...sets.keys()], categories, hasLabels, layout)
  for (const [set, lines] of sets) {
    const texts = lines.flatMap(({ base, numbers }) =>
      numbers.length === 0
        ? [formatSetLine(base)]
        : numbers.map((number) => formatSetLine(base, [number])),
    )
    await folder.write(path(set), textOf(texts))
  }
  for (const [name, { set, label }] of classSets) {
    const lines = sets.get(set) ?? []
    const isMain = set.startsWith('Main/')
    const texts = lines.flatMap((line) =>
      isMain ? labelLine(line, label) : actionLines(line, label),
    )
    await folder.write(path(name), textOf(texts))
  }
  return { sets: [...sets.keys()], classSets: [...classSets.keys()] }
}

function setsFromJson(json: Json | undefined): ReadonlyMap<string, readonly number[]> | undefined {
  if (!isObject(json)) return undefined
  return new Map(
    Object.entries(json)
      .filter(([set]) => set.split('/').every((part) => part !== '..' && isFileName(part)))
      .map(([set, numbers]) => [
        set,
        (isArray(numbers) ? numbers : []).filter((each) => typeof each === 'number'),
      ]),
  )
}

/** Which set a list for a class is about. */
interface ClassSet {
  readonly set: string
  readonly label: string
}

function classSetsOf(
  sets: readonly string[],
  categories: readonly Category[],
  hasLabels: boolean,
  layout: VocLayout,
): ReadonlyMap<string, ClassSet> {
  const found = new Map<string, ClassSet>()
  const add = (set: string, label: string): string => {
    const at = set.lastIndexOf('/') + 1
    const name = `${set.slice(0, at)}${label}_${set.slice(at)}`
    if (!sets.includes(name)) found.set(name, { set, label })
    return name
  }
  for (const name of layout.classSets) {
    const set = sets
      .filter((each) => {
        const at = each.lastIndexOf('/') + 1
        return name.startsWith(each.slice(0, at)) && name.endsWith(`_${each.slice(at)}`)
      })
      .toSorted((a, b) => b.length - a.length)[0]
    if (set === undefined) continue
    const at = set.lastIndexOf('/') + 1
    add(set, name.slice(at, name.length - (set.length - at) - 1))
  }
  if (!hasLabels) return found
  for (const set of sets.filter((each) => each.startsWith('Main/'))) {
    for (const category of categories) {
      if (!isPart(category) && isFileName(category.name)) add(set, category.name)
    }
  }
  return found
}

function labelLine({ base, labels }: Line, label: string): readonly string[] {
  const isPresent = labels.get(label)
  return [formatSetLine(base, [isPresent === undefined ? -1 : isPresent ? 1 : 0])]
}

function actionLines({ base, numbers, boxes }: Line, action: string): readonly string[] {
  return numbers.map((number) => {
    const value = boxes[number - 1]?.attributes?.[action]
    return formatSetLine(base, [number, value === true ? 1 : -1])
  })
}

function textOf(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}
