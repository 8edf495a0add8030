import { type AnnotationDraft, type AttributeValue, formatSyntax, type Json } from '@dsv/core'
import { attributeOf, attributeText, numberOf } from './attribute-text.ts'
import { childOf, elementToJson, type XmlElement } from '../shared/xml-element.ts'

/** What one XML file says, before it is known which image it is about. */
export interface VocAnnotation {
  readonly filename: string | undefined
  /** `[width, height, depth]` as stated; undefined when missing or no positive numbers. */
  readonly size: readonly [number, number, number | undefined] | undefined
  readonly segmented: string | undefined
  /** Objects in their order, the parts of each behind it. */
  readonly boxes: readonly AnnotationDraft[]
  /** How many objects there are, parts not counted. */
  readonly objectCount: number
  /** Elements that are neither of these, and `size` and `segmented` as they were. */
  readonly others: readonly XmlElement[]
}

const MODELLED: ReadonlySet<string> = new Set(['filename', 'object'])
const BOX_SIDES = ['xmin', 'ymin', 'xmax', 'ymax'] as const

/**
 * Reads the root element of a file. With `onProblem`, objects that are wrong are left out.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the line, when there is no `onProblem`
 */
export function readAnnotation(
  root: XmlElement,
  file: string,
  onProblem?: (message: string) => void,
): VocAnnotation {
  if (root.name !== 'annotation') {
    throw formatSyntax(file, `line ${root.line}: the root is <${root.name}>, not <annotation>`)
  }
  const boxes: AnnotationDraft[] = []
  let objectCount = 0
  for (const object of root.children) {
    if (object.name !== 'object') continue
    const found = readObject(object, objectCount + 1)
    if (found.problem === undefined) {
      boxes.push(...found.drafts)
      objectCount += 1
    } else if (onProblem === undefined) throw formatSyntax(file, found.problem)
    else onProblem(found.problem)
  }
  return {
    filename: childOf(root, 'filename')?.text.trim(),
    size: readSize(childOf(root, 'size')),
    segmented: childOf(root, 'segmented')?.text.trim(),
    boxes,
    objectCount,
    others: root.children.filter(({ name }) => !MODELLED.has(name)),
  }
}

/** Returns the names of objects and parts of a file, in order, without checking anything else. */
export function namesIn(root: XmlElement): readonly string[] {
  return root.children
    .filter(({ name }) => name === 'object')
    .flatMap((object) => [object, ...object.children.filter(({ name }) => name === 'part')])
    .map((each) => childOf(each, 'name')?.text.trim() ?? '')
    .filter((name) => name !== '')
}

type Found =
  | { readonly drafts: readonly AnnotationDraft[]; readonly problem?: undefined }
  | { readonly problem: string }

function readObject(object: XmlElement, ordinal: number): Found {
  const parts = object.children.filter(({ name }) => name === 'part')
  const group = parts.length > 0 ? ordinal : undefined
  const drafts: AnnotationDraft[] = []
  for (const [index, element] of [object, ...parts].entries()) {
    const found = readBox(element, index > 0, group)
    if (typeof found === 'string') return { problem: found }
    drafts.push(found)
  }
  return { drafts }
}

/** What is gathered of one object. */
interface Gathered {
  readonly attributes: Map<string, AttributeValue>
  readonly flags: { truncated?: boolean; occluded?: boolean }
  readonly voc: Map<string, Json>
  readonly others: XmlElement[]
}

function readBox(
  element: XmlElement,
  isPart: boolean,
  group: number | undefined,
): AnnotationDraft | string {
  const name = childOf(element, 'name')?.text.trim() ?? ''
  if (name === '') return `line ${element.line}: the ${element.name} has no name`
  const sides = readSides(element)
  if (typeof sides === 'string') return sides
  const gathered: Gathered = { attributes: new Map(), flags: {}, voc: new Map(), others: [] }
  if (isPart) gathered.voc.set('part', true)
  gatherFields(element, isPart, gathered)
  const [x, y, right, bottom] = sides
  const [width, height] = [right - x, bottom - y]
  // The far corner cannot always be computed from a position and a size that are rounded.
  if (x + width !== right || y + height !== bottom) gathered.voc.set('corner', [right, bottom])
  if (gathered.others.length > 0) {
    gathered.voc.set('elements', gathered.others.map(elementToJson))
  }
  const { attributes, flags, voc } = gathered
  return {
    type: 'box',
    x,
    y,
    width,
    height,
    category: name,
    ...flags,
    ...(group === undefined ? {} : { group }),
    ...(attributes.size > 0 ? { attributes: Object.fromEntries(attributes) } : {}),
    ...(voc.size > 0 ? { extra: { voc: Object.fromEntries(voc) } } : {}),
  }
}

function readSides(element: XmlElement): readonly [number, number, number, number] | string {
  const bndbox = childOf(element, 'bndbox')
  if (bndbox === undefined) return `line ${element.line}: the ${element.name} has no bndbox`
  const numbers: number[] = []
  for (const side of BOX_SIDES) {
    const text = childOf(bndbox, side)?.text ?? ''
    const number = numberOf(text)
    if (number === undefined) {
      return `line ${bndbox.line}: ${side} should be a number, but is "${text.slice(0, 50)}"`
    }
    numbers.push(number)
  }
  const [xmin = 0, ymin = 0, xmax = 0, ymax = 0] = numbers
  if (xmin > xmax) return `line ${bndbox.line}: xmin ${xmin} is right of xmax ${xmax}`
  if (ymin > ymax) return `line ${bndbox.line}: ymin ${ymin} is below ymax ${ymax}`
  if (!Number.isFinite(xmax - xmin) || !Number.isFinite(ymax - ymin)) {
    return `line ${bndbox.line}: the box is too large`
  }
  return [xmin, ymin, xmax, ymax]
}

function gatherFields(element: XmlElement, isPart: boolean, gathered: Gathered): void {
  const seen = new Set<string>()
  for (const child of element.children) {
    const isFirst = !seen.has(child.name)
    seen.add(child.name)
    if (child.name === 'part' && !isPart) continue
    if (isFirst && gatherField(child, gathered)) continue
    gathered.others.push(child)
  }
}

/** Returns whether the element has a place of its own. */
function gatherField(child: XmlElement, gathered: Gathered): boolean {
  const { attributes, flags } = gathered
  if (child.attributes.length > 0) return false
  if (child.name === 'name') return true
  if (child.name === 'bndbox') {
    return child.children.length === 4 && new Set(child.children.map(({ name }) => name)).size === 4
  }
  if (child.name === 'pose' && child.children.length === 0 && !attributes.has('pose')) {
    attributes.set('pose', child.text)
    return true
  }
  if (child.name === 'truncated' || child.name === 'occluded' || child.name === 'difficult') {
    const flag = flagOf(child)
    if (flag === undefined) return false
    if (child.name === 'difficult' && attributes.has('difficult')) return false
    if (child.name === 'difficult') attributes.set('difficult', flag)
    else flags[child.name] = flag
    return true
  }
  if (child.name === 'actions') return gatherActions(child, gathered)
  return child.name === 'attributes' && gatherAttributes(child, gathered)
}

function flagOf({ text, children }: XmlElement): boolean | undefined {
  const trimmed = text.trim()
  if (children.length > 0) return undefined
  return trimmed === '1' ? true : trimmed === '0' ? false : undefined
}

function gatherActions(element: XmlElement, { attributes, voc }: Gathered): boolean {
  const actions = element.children.map((child) => [child.name, flagOf(child)] as const)
  const isPlain =
    actions.length > 0 &&
    new Set(actions.map(([name]) => name)).size === actions.length &&
    actions.every(([name, flag]) => flag !== undefined && !attributes.has(name))
  if (!isPlain) return false
  for (const [name, flag] of actions) attributes.set(name, flag === true)
  voc.set(
    'actions',
    actions.map(([name]) => name),
  )
  return true
}

function gatherAttributes(element: XmlElement, { attributes, voc }: Gathered): boolean {
  const pairs = element.children.map((child) => {
    const isAttribute = child.name === 'attribute' && child.children.length === 2
    return [childOf(child, 'name')?.text, isAttribute ? childOf(child, 'value')?.text : undefined]
  })
  const names = new Set(pairs.map(([name]) => name))
  const texts: [string, string][] = []
  if (names.size !== pairs.length || pairs.length === 0) return false
  for (const [name, text] of pairs) {
    const isFree = name !== undefined && !attributes.has(name)
    if (!isFree || text === undefined) return false
  }
  for (const [name = '', text = ''] of pairs) {
    const value = attributeOf(text)
    attributes.set(name, value)
    if (attributeText(value) !== text) texts.push([name, text])
  }
  if (texts.length > 0) voc.set('texts', Object.fromEntries(texts))
  return true
}

function readSize(
  element: XmlElement | undefined,
): readonly [number, number, number | undefined] | undefined {
  if (element === undefined) return undefined
  const [width, height, depth] = ['width', 'height', 'depth'].map((name) => {
    const number = numberOf(childOf(element, name)?.text ?? '')
    return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined
  })
  return width === undefined || height === undefined ? undefined : [width, height, depth]
}
