import { isArray, isObject } from '../shared/json-reader.ts'
import type { Json } from '@dsv/core'
import type { XmlDocument, XmlElement } from '../shared/xml-element.ts'

/** How the XML files of a dataset are laid out, taken from the first of them. */
export interface XmlStyle {
  /** The XML declaration, empty when there is none. */
  readonly declaration: string
  readonly indent: string
  readonly newline: '\n' | '\r\n'
  readonly endsWithNewline: boolean
  /** Order of the children by name of their parent: `annotation`, `object`, `bndbox`. */
  readonly order: Readonly<Record<string, readonly string[]>>
}

/** How the development kit lays its files out. */
export const DEVKIT_STYLE: XmlStyle = {
  declaration: '',
  indent: '\t',
  newline: '\n',
  endsWithNewline: true,
  order: {
    annotation: ['folder', 'filename', 'path', 'source', 'owner', 'size', 'segmented'],
    object: ['name', 'pose', 'truncated', 'difficult', 'occluded', 'bndbox', 'part', 'actions'],
    part: ['name', 'bndbox'],
    bndbox: ['xmin', 'ymin', 'xmax', 'ymax'],
    size: ['width', 'height', 'depth'],
  },
}

/** Returns the style of a file. */
export function styleOf({ root, source }: XmlDocument): XmlStyle {
  const declaration = /^<\?xml[^>]*\?>/u.exec(source)?.[0] ?? ''
  return {
    declaration: declaration.replace(/encoding\s*=\s*(["'])[^"']*\1/u, 'encoding="UTF-8"'),
    indent: /\n([ \t]*)</u.exec(source.slice(source.indexOf('<annotation')))?.[1] ?? '',
    newline: source.includes('\r\n') ? '\r\n' : '\n',
    endsWithNewline: source.endsWith('\n'),
    order: { ...DEVKIT_STYLE.order, ...ordersIn(root) },
  }
}

/** Returns the style that a layout remembers; the development kit's for what it does not say. */
export function styleFromJson(json: Json | undefined): XmlStyle {
  if (!isObject(json)) return DEVKIT_STYLE
  const { declaration, indent, newline, endsWithNewline, order } = json
  const orders = Object.entries(isObject(order) ? order : {}).map(
    ([name, names]) =>
      [name, (isArray(names) ? names : []).filter((each) => typeof each === 'string')] as const,
  )
  return {
    declaration:
      typeof declaration === 'string' && /^<\?xml[^<>]*\?>$/u.test(declaration) ? declaration : '',
    indent: typeof indent === 'string' && /^[ \t]*$/u.test(indent) ? indent : DEVKIT_STYLE.indent,
    newline: newline === '\r\n' ? '\r\n' : '\n',
    endsWithNewline: endsWithNewline !== false,
    order: { ...DEVKIT_STYLE.order, ...Object.fromEntries(orders) },
  }
}

/** Returns the children of `parent` in the order of the style; unknown names stay where they are. */
export function inStyleOrder(
  parent: string,
  children: readonly XmlElement[],
  style: XmlStyle,
): readonly XmlElement[] {
  const order = style.order[parent] ?? []
  const rank = ({ name }: XmlElement): number => {
    const index = order.indexOf(name)
    if (index >= 0) return index
    return name === 'object' ? order.length + 1 : order.length
  }
  return children.toSorted((a, b) => rank(a) - rank(b))
}

function ordersIn(root: XmlElement): Record<string, readonly string[]> {
  const object = root.children.find(({ name }) => name === 'object')
  const size = root.children.find(({ name }) => name === 'size')
  const bndbox = object?.children.find(({ name }) => name === 'bndbox')
  const part = object?.children.find(({ name }) => name === 'part')
  const found = [root, object, size, bndbox, part].filter((each) => each !== undefined)
  return Object.fromEntries(found.map((element) => [element.name, merged(element)]))
}

/** The order seen, with what the development kit knows besides put behind its usual neighbour. */
function merged({ name, children }: XmlElement): readonly string[] {
  const order = [...new Set(children.map((child) => child.name))].filter(
    (each) => each !== 'object',
  )
  const usual = DEVKIT_STYLE.order[name] ?? []
  for (const [index, each] of usual.entries()) {
    if (order.includes(each)) continue
    const before = usual.slice(0, index).findLast((other) => order.includes(other))
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, each)
  }
  return order
}
