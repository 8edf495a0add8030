import type { AnnotationDraft, Attributes, AttributeValue, Category, Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { attributeOf, attributeText } from './attribute-text.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { parentElement, textElement } from './format-xml.ts'
import { actionsOf } from './label-map.ts'
import { elementFromJson, XML_NAME, type XmlElement } from '../shared/xml-element.ts'

/** A box to be written. */
export type BoxDraft = AnnotationDraft & { readonly type: 'box' }

/**
 * Returns the children of an `<object>` or `<part>`, parts of it excepted. Attributes that no element
 * holds are reported as lost.
 */
export function objectElements(
  box: BoxDraft,
  category: Category,
  onLoss: (what: string) => void,
): readonly XmlElement[] {
  const voc = isObject(box.extra?.['voc']) ? box.extra['voc'] : {}
  return [
    textElement('name', category.name),
    ...flagElement('truncated', box.truncated),
    ...flagElement('occluded', box.occluded),
    parentElement('bndbox', sideElements(box, voc, onLoss)),
    ...attributeElements(box.attributes ?? {}, voc, category, onLoss),
    ...elementsIn(voc),
  ]
}

/** Returns the elements that were remembered because they mean nothing to us. */
export function elementsIn(voc: JsonObject): readonly XmlElement[] {
  const elements = voc['elements']
  return isArray(elements) ? elements.flatMap((each) => elementFromJson(each) ?? []) : []
}

/** Returns whether a box would be read back: finite, and not turned inside out. */
export function isWritableBox({ x, y, width, height }: BoxDraft): boolean {
  return [x, y, x + width, y + height].every(Number.isFinite) && width >= 0 && height >= 0
}

function flagElement(name: string, flag: AttributeValue | undefined): readonly XmlElement[] {
  return typeof flag === 'boolean' ? [textElement(name, flag ? '1' : '0')] : []
}

function sideElements(
  { x, y, width, height }: BoxDraft,
  voc: JsonObject,
  onLoss: (what: string) => void,
): readonly XmlElement[] {
  const [right, bottom] = cornerOf(voc['corner'], [x, y, width, height])
  if (right - x !== width) onLoss('field: width')
  if (bottom - y !== height) onLoss('field: height')
  return [
    textElement('xmin', String(x)),
    textElement('ymin', String(y)),
    textElement('xmax', String(right)),
    textElement('ymax', String(bottom)),
  ]
}

function cornerOf(
  corner: Json | undefined,
  [x, y, width, height]: readonly [number, number, number, number],
): readonly [number, number] {
  const [right, bottom] = isArray(corner) ? corner : []
  return [
    isStill(right, x, width) ? right : x + width,
    isStill(bottom, y, height) ? bottom : y + height,
  ]
}

function isStill(far: Json | undefined, near: number, size: number): far is number {
  return typeof far === 'number' && far - near === size
}

function attributeElements(
  attributes: Attributes,
  voc: JsonObject,
  category: Category,
  onLoss: (what: string) => void,
): readonly XmlElement[] {
  const left = new Map(Object.entries(attributes))
  const elements: XmlElement[] = []
  const pose = left.get('pose')
  if (typeof pose === 'string' && isXmlText(pose)) {
    elements.push(textElement('pose', pose))
    left.delete('pose')
  }
  if (typeof left.get('difficult') === 'boolean') {
    elements.push(...flagElement('difficult', left.get('difficult')))
    left.delete('difficult')
  }
  const actions = actionElements(left, voc, category)
  if (actions.length > 0) elements.push(parentElement('actions', actions))
  const texts = isObject(voc['texts']) ? voc['texts'] : {}
  const others = [...left].flatMap(([name, value]) => {
    const text = attributeTextOf(value, Object.hasOwn(texts, name) ? texts[name] : undefined)
    if (text === undefined || !isXmlText(text) || !isXmlText(name)) {
      onLoss(`attribute: ${name}`)
      return []
    }
    return [parentElement('attribute', [textElement('name', name), textElement('value', text)])]
  })
  if (others.length > 0) elements.push(parentElement('attributes', others))
  return elements
}

/** Takes the actions out of `left`. */
function actionElements(
  left: Map<string, AttributeValue>,
  voc: JsonObject,
  category: Category,
): readonly XmlElement[] {
  const remembered = isArray(voc['actions']) ? voc['actions'] : []
  const names = remembered.length > 0 ? remembered : actionsOf(category)
  const elements: XmlElement[] = []
  for (const name of names) {
    if (typeof name !== 'string' || !XML_NAME.test(name)) continue
    const value = left.get(name)
    if (typeof value !== 'boolean') continue
    elements.push(...flagElement(name, value))
    left.delete(name)
  }
  return elements
}

function attributeTextOf(value: AttributeValue, text: Json | undefined): string | undefined {
  return typeof text === 'string' && attributeOf(text) === value ? text : attributeText(value)
}
