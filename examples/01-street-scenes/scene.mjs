import { dice } from './random.mjs'

export const WIDTH = 640
export const HEIGHT = 360

const HORIZON = 150
const PAVEMENT = 218
const ROAD = 240
const GRASS = 336

/** The least part of an object that must be in view; what is hidden further is not in the scene. */
const LEAST_VISIBLE = 0.4

/**
 * Draws a street: returns the picture as SVG; the objects from back to front, each with its category,
 * its outlines, its box and how much of it can be seen; and for each pixel the number of the object
 * that is seen there, counted from 1.
 *
 * The pixels of an object are those whose centre lies inside one of its outlines and inside no
 * outline of an object nearer to the eye, so boxes and masks are exact.
 */
export function drawScene(random, { withTrafficLight }) {
  const roll = dice(random)
  let objects = placeObjects(roll, withTrafficLight).toSorted((a, b) => a.base - b.base)
  for (;;) {
    const { seen, owners } = look(objects)
    const hidden = seen.find(({ area, wholeArea }) => area < LEAST_VISIBLE * wholeArea)
    if (hidden === undefined) return { svg: toSvg(roll, seen), objects: seen, owners }
    objects = objects.filter(({ outlines }) => outlines !== hidden.outlines)
  }
}

function placeObjects(roll, withTrafficLight) {
  const objects = []
  const put = (make, x, base, scale) => objects.push({ base, ...make(roll, x, base, scale) })
  for (let x = roll.between(20, 90); x < WIDTH; x += roll.between(150, 260)) {
    put(tree, x, PAVEMENT + roll.whole(0, 6), roll.between(0.8, 1.25))
  }
  if (withTrafficLight) put(trafficLight, roll.between(240, 400), ROAD, 1)
  for (const lane of [ROAD + 34, ROAD + 84]) {
    const scale = lane === ROAD + 34 ? 0.95 : 1.3
    for (let x = roll.between(-40, 120); x < WIDTH - 60; x += roll.between(190, 330)) {
      put(roll.whole(0, 2) === 0 ? van : car, x, lane, scale)
    }
  }
  for (let count = roll.whole(1, 4); count > 0; count -= 1) {
    put(person, roll.between(20, WIDTH - 20), ROAD - roll.whole(2, 8), roll.between(0.8, 1))
  }
  put(person, roll.between(40, WIDTH - 40), HEIGHT - roll.whole(4, 14), roll.between(1.3, 1.5))
  if (roll.whole(0, 1) === 0) put(dog, roll.between(40, WIDTH - 60), HEIGHT - roll.whole(3, 8), 1.2)
  return objects
}

function car(roll, x, base, scale) {
  const at = placer(x, base, scale)
  return {
    category: 'car',
    color: roll.pick(['#c0392b', '#2c5f9e', '#d9d9d9', '#3d3d3d', '#e0a526']),
    outlines: [
      at([0, -10, 0, -28, 22, -32, 38, -50, 84, -50, 100, -32, 122, -28, 124, -10]),
      at(circle(27, -10, 10)),
      at(circle(97, -10, 10)),
    ],
  }
}

function van(roll, x, base, scale) {
  const at = placer(x, base, scale)
  return {
    category: 'van',
    color: roll.pick(['#f2f2f2', '#35618f', '#8c8c8c']),
    outlines: [
      at([0, -10, 0, -74, 96, -74, 120, -42, 138, -36, 140, -10]),
      at(circle(28, -11, 11)),
      at(circle(110, -11, 11)),
    ],
  }
}

function person(roll, x, base, scale) {
  const at = placer(x, base, scale)
  return {
    category: 'person',
    color: roll.pick(['#7b3f98', '#1f7a4d', '#b5562f', '#30475e']),
    outlines: [
      at(circle(11, -59, 7)),
      at([3, -26, 2, -48, 7, -52, 15, -52, 20, -48, 19, -26]),
      at([4, -26, 10, -26, 9, 0, 4, 0]),
      at([12, -26, 18, -26, 18, 0, 13, 0]),
    ],
  }
}

function dog(roll, x, base, scale) {
  const at = placer(x, base, scale)
  return {
    category: 'dog',
    color: roll.pick(['#6b4a2b', '#2b2b2b', '#c9a36b']),
    outlines: [
      at([6, -10, 6, -21, 30, -21, 34, -28, 42, -27, 45, -21, 38, -16, 34, -10]),
      at([6, -10, 10, -10, 10, 0, 6, 0]),
      at([29, -10, 33, -10, 33, 0, 29, 0]),
      at([6, -20, 0, -27, 2, -29, 9, -21]),
    ],
  }
}

function tree(roll, x, base, scale) {
  const at = placer(x, base, scale)
  const crown = roll.whole(30, 38)
  return {
    category: 'tree',
    color: roll.pick(['#2f7d32', '#3f8f46', '#56742c']),
    outlines: [at([-5, 0, -5, -60, 5, -60, 5, 0]), at(circle(0, -60 - crown * 0.7, crown))],
  }
}

function trafficLight(_, x, base, scale) {
  const at = placer(x, base, scale)
  return {
    category: 'traffic_light',
    color: '#222222',
    outlines: [at([6, 0, 6, -60, 10, -60, 10, 0]), at([0, -60, 0, -98, 16, -98, 16, -60])],
  }
}

function circle(cx, cy, radius) {
  return Array.from({ length: 24 }, (_, corner) => {
    const angle = (corner * Math.PI) / 12
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)]
  }).flat()
}

/** Moves numbers `x, y, x, y, …` around the foot of an object to their place in the picture. */
function placer(x, base, scale) {
  return (numbers) =>
    numbers.map((number, index) => {
      const place = index % 2 === 0 ? x + scale * number : base + scale * number
      return Math.round(place * 100) / 100
    })
}

/** Finds out which pixels of each object can be seen, and where they are. */
function look(objects) {
  const owners = new Uint8Array(WIDTH * HEIGHT)
  const seen = objects.map((object, index) => {
    const own = new Set(object.outlines.flatMap((outline) => [...pixelsInside(outline)]))
    for (const pixel of own) owners[pixel] = index + 1
    const isTruncated = object.outlines.flat().some(isOutside)
    return { ...object, isTruncated, wholeArea: own.size, area: 0, box: [WIDTH, HEIGHT, 0, 0] }
  })
  owners.forEach((owner, pixel) => {
    if (owner > 0) addPixel(seen[owner - 1], pixel % WIDTH, Math.floor(pixel / WIDTH))
  })
  return { seen, owners }
}

/** Widens `[left, top, right, bottom]`; right and bottom lie behind the last pixel. */
function addPixel(object, x, y) {
  const [left, top, right, bottom] = object.box
  object.box = [
    Math.min(left, x),
    Math.min(top, y),
    Math.max(right, x + 1),
    Math.max(bottom, y + 1),
  ]
  object.area += 1
}

function isOutside(number, index) {
  return number < 0 || number > (index % 2 === 0 ? WIDTH : HEIGHT)
}

/** Yields the pixels whose centre lies inside a polygon. */
function* pixelsInside(outline) {
  const corners = Array.from({ length: outline.length / 2 }, (_, corner) => ({
    x: outline[2 * corner],
    y: outline[2 * corner + 1],
  }))
  const heights = corners.map(({ y }) => y)
  const first = Math.max(0, Math.floor(Math.min(...heights)))
  const last = Math.min(HEIGHT - 1, Math.ceil(Math.max(...heights)))
  for (let y = first; y <= last; y += 1) {
    const crossings = crossingsAt(corners, y + 0.5)
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const from = Math.max(0, Math.ceil(crossings[pair] - 0.5))
      const to = Math.min(WIDTH - 1, Math.ceil(crossings[pair + 1] - 0.5) - 1)
      for (let x = from; x <= to; x += 1) yield y * WIDTH + x
    }
  }
}

/** Returns where the outline crosses a horizontal line, from left to right. */
function crossingsAt(corners, height) {
  return corners
    .flatMap((corner, index) => {
      const next = corners[(index + 1) % corners.length]
      if (corner.y <= height === next.y <= height) return []
      return corner.x + ((height - corner.y) / (next.y - corner.y)) * (next.x - corner.x)
    })
    .toSorted((a, b) => a - b)
}

function toSvg(roll, objects) {
  const parts = [
    rectangle(0, 0, WIDTH, HORIZON + 80, roll.pick(['#a8d3ee', '#c7dff0', '#f0d9b8'])),
    rectangle(0, PAVEMENT - 20, WIDTH, 50, '#b9b4a7'),
    rectangle(0, ROAD, WIDTH, GRASS - ROAD, '#5c5f66'),
    rectangle(0, GRASS, WIDTH, HEIGHT - GRASS, '#7aa356'),
    ...houses(roll),
  ]
  for (let x = 10; x < WIDTH; x += 60) parts.push(rectangle(x, ROAD + 46, 30, 3, '#e8e4d4'))
  for (const { outlines, color } of objects) {
    for (const outline of outlines) parts.push(`<polygon points="${outline}" fill="${color}"/>`)
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${parts.join('')}</svg>`
}

function houses(roll) {
  const parts = []
  for (let x = -20; x < WIDTH;) {
    const [width, height] = [roll.whole(80, 140), roll.whole(70, 130)]
    const top = PAVEMENT - 20 - height
    const wall = roll.pick(['#cf9f7c', '#d8c7a5', '#b0876b', '#a9b3b8'])
    const roof = `${x},${top} ${x + width / 2},${top - 30} ${x + width},${top}`
    parts.push(rectangle(x, top, width, height, wall))
    parts.push(`<polygon points="${roof}" fill="#7d4a3a"/>`)
    for (let at = x + 14; at + 16 < x + width; at += 32) {
      parts.push(rectangle(at, top + 18, 16, 20, '#e9eef2'))
    }
    x += width + roll.whole(0, 20)
  }
  return parts
}

function rectangle(x, y, width, height, fill) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`
}
