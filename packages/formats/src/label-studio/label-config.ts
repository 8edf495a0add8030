import type { Category, CategoryDraft, Loss } from '@dsv/core'
import { parseXml, type XmlElement } from '../shared/xml-element.ts'
import { escapeXml, isXmlText } from '../shared/xml-text.ts'

/** The file that says what can be labelled and how. */
export const CONFIG_PATH = 'label_config.xml'

/** The controls that are written: the type of their results, and their tag and name. */
export const CONTROLS: ReadonlyMap<string, { readonly tag: string; readonly name: string }> =
  new Map([
    ['rectanglelabels', { tag: 'RectangleLabels', name: 'rectangles' }],
    ['polygonlabels', { tag: 'PolygonLabels', name: 'polygons' }],
    ['keypointlabels', { tag: 'KeyPointLabels', name: 'keypoints' }],
    ['ellipselabels', { tag: 'EllipseLabels', name: 'ellipses' }],
    ['brushlabels', { tag: 'BrushLabels', name: 'brushes' }],
    ['choices', { tag: 'Choices', name: 'choices' }],
    ['textarea', { tag: 'TextArea', name: 'text' }],
  ])

/** Returns the labels of a labelling configuration, in order, with their colours. */
export function readConfig(bytes: Uint8Array, file: string): readonly CategoryDraft[] {
  const found = new Map<string, CategoryDraft>()
  collect(parseXml(bytes, file).root, found)
  return [...found.values()]
}

/** Returns a labelling configuration with a control for each kind of shape. */
export function writeConfig(categories: readonly Category[], onLoss: (loss: Loss) => void): string {
  const lines = ['<View>', '  <Image name="image" value="$image"/>']
  for (const { tag, name } of CONTROLS.values()) {
    const multiple = tag === 'Choices' ? ' choice="multiple"' : ''
    const start = `  <${tag} name="${name}" toName="image"${multiple}`
    if (tag === 'TextArea') {
      lines.push(`${start}/>`)
      continue
    }
    const child = tag === 'Choices' ? 'Choice' : 'Label'
    lines.push(`${start}>`)
    for (const { name: value, color } of categories) {
      if (!isXmlText(value)) continue
      const background = color === undefined ? '' : ` background="${colorText(color)}"`
      const text = escapeXml(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
      lines.push(`    <${child} value="${text}"${background}/>`)
    }
    lines.push(`  </${tag}>`)
  }
  for (const { name } of categories) if (!isXmlText(name)) onLoss({ what: 'category', where: name })
  return `${[...lines, '</View>'].join('\n')}\n`
}

function collect(element: XmlElement, found: Map<string, CategoryDraft>): void {
  for (const child of element.children) {
    if (child.name === 'Label' || child.name === 'Choice') {
      const values = new Map(child.attributes)
      // Results hold the alias, where there is one.
      const name = values.get('alias') ?? values.get('value') ?? ''
      const color = readColor(values.get('background') ?? '')
      const category = { key: name, name, ...(color === undefined ? {} : { color }) }
      const known = found.get(name)
      if (name !== '' && !name.startsWith('$') && known?.color === undefined) {
        found.set(name, category)
      }
    }
    collect(child, found)
  }
}

function readColor(text: string): readonly [number, number, number] | undefined {
  const [, red, green, blue] = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/iu.exec(text) ?? []
  if (red === undefined || green === undefined || blue === undefined) return undefined
  return [parseInt(red, 16), parseInt(green, 16), parseInt(blue, 16)]
}

function colorText(color: readonly number[]): string {
  return `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}
