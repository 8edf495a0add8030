/** Returns the annotation file of an image as the development kit of Pascal VOC writes it. */
export function formatXml({ id, width, height, hasMasks, objects }) {
  return [
    '<annotation>',
    '\t<folder>street</folder>',
    `\t<filename>${id}.jpg</filename>`,
    '\t<size>',
    `\t\t<width>${width}</width>`,
    `\t\t<height>${height}</height>`,
    '\t\t<depth>3</depth>',
    '\t</size>',
    `\t<segmented>${hasMasks ? 1 : 0}</segmented>`,
    ...objects.map(formatObject),
    '</annotation>',
    '',
  ].join('\n')
}

/** Returns one `<object>`, its corners counted from 0 as most labelling tools do. */
export function formatObject({ category, box, isTruncated, area, wholeArea }) {
  const [left, top, right, bottom] = box
  return [
    '\t<object>',
    `\t\t<name>${category}</name>`,
    '\t\t<pose>Unspecified</pose>',
    `\t\t<truncated>${isTruncated ? 1 : 0}</truncated>`,
    `\t\t<occluded>${area < wholeArea ? 1 : 0}</occluded>`,
    '\t\t<difficult>0</difficult>',
    '\t\t<bndbox>',
    `\t\t\t<xmin>${left}</xmin>`,
    `\t\t\t<ymin>${top}</ymin>`,
    `\t\t\t<xmax>${right}</xmax>`,
    `\t\t\t<ymax>${bottom}</ymax>`,
    '\t\t</bndbox>',
    '\t</object>',
  ].join('\n')
}

/** Returns the objects in an annotation file: their text, name and `[left, top, right, bottom]`. */
export function readObjects(xml) {
  return [...xml.matchAll(/\t<object>.*?<\/object>\n/gs)].map(([text]) => {
    const number = (name) => Number(new RegExp(`<${name}>(\\d+)<`).exec(text)[1])
    const box = [number('xmin'), number('ymin'), number('xmax'), number('ymax')]
    return { text, name: /<name>(.*?)</.exec(text)[1], box }
  })
}

/** Returns the text of an object with another box. */
export function withBox({ text }, [left, top, right, bottom]) {
  const corners = { xmin: left, ymin: top, xmax: right, ymax: bottom }
  let changed = text
  for (const [name, number] of Object.entries(corners)) {
    changed = changed.replace(new RegExp(`<${name}>\\d+<`), `<${name}>${number}<`)
  }
  return changed
}
