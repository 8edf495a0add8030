import type { Skeleton } from '@dsv/core'

/** Text with so many tags is no drawing of a skeleton. */
const MAX_TAGS = 10_000

/**
 * Returns the edges of a skeleton from the drawing that CVAT keeps of it: lines between nodes, which
 * are circles that name the label of their point.
 */
export function readSvgEdges(svg: string, points: readonly string[]): Skeleton['edges'] {
  const tags = svg.match(/<(?:line|circle)\b[^>]*>/gu) ?? []
  const nodes = new Map<string, number>()
  let count = 0
  for (const tag of tags.slice(0, MAX_TAGS)) {
    if (!tag.startsWith('<circle')) continue
    const node = attributeOf(tag, 'data-node-id') ?? String(count + 1)
    const index = points.indexOf(attributeOf(tag, 'data-label-name') ?? '')
    // Where the drawing names labels by numbers of a server, the order is all there is.
    nodes.set(node, index === -1 ? count : index)
    count += 1
  }
  const edges: [number, number][] = []
  for (const tag of tags.slice(0, MAX_TAGS)) {
    const from = nodes.get(attributeOf(tag, 'data-node-from') ?? '')
    const to = nodes.get(attributeOf(tag, 'data-node-to') ?? '')
    if (from === undefined || to === undefined) continue
    if (from < points.length && to < points.length) edges.push([from, to])
  }
  return edges
}

/** Returns a drawing of a skeleton, its points on a circle. */
export function writeSvg({ points, edges }: Skeleton): string {
  const places = points.map((_, index) => {
    const angle = (2 * Math.PI * index) / points.length
    return [50 + 40 * Math.cos(angle), 50 + 40 * Math.sin(angle)].map((value) => value.toFixed(2))
  })
  const lines = edges.map(([from, to]) => {
    const [[x1 = '', y1 = ''], [x2 = '', y2 = '']] = [places[from] ?? [], places[to] ?? []]
    return (
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="black" data-type="edge" ` +
      `data-node-from="${from + 1}" data-node-to="${to + 1}"></line>`
    )
  })
  const circles = points.map((name, index) => {
    const [cx = '', cy = ''] = places[index] ?? []
    const label = name.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
    return (
      `<circle r="1.5" stroke="black" fill="#b3b3b3" cx="${cx}" cy="${cy}" stroke-width="0.1" ` +
      `data-type="element node" data-element-id="${index + 1}" data-node-id="${index + 1}" ` +
      `data-label-name="${label.replaceAll('>', '&gt;')}"></circle>`
    )
  })
  return [...lines, ...circles].join('')
}

function attributeOf(tag: string, name: string): string | undefined {
  const text = new RegExp(`\\s${name}="([^"]*)"`, 'u').exec(tag)?.[1]
  return text
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
